package io.tidegate.bench;

import io.tidegate.bench.Target.Walk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Load over HTTP/1.1 by {@code wrk}: each connection has one request under way and sends the next
 * when it is answered. The script that it runs has no code per request, unless paths differ.
 */
final class Wrk {
  /** wrk's own report has no 99.9th percentile. */
  private static final String DONE =
      """
      done = function(summary, latency, requests)
        local e = summary.errors
        io.write(string.format("figures requests=%d duration_us=%d p50_us=%d p99_us=%d p999_us=%d"
          .. " errors=%d cpu_us=-1\\n",
          summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
          latency:percentile(99.9), e.connect + e.read + e.write + e.status + e.timeout))
      end
      """;

  private final Cores cores;
  private final Path directory;
  private final int threads;

  /**
   * A generator on the processors that contenders don't have.
   *
   * @param directory where scripts are written
   */
  Wrk(Cores cores, Path directory) {
    this.cores = cores;
    this.directory = directory;
    this.threads = Math.min(4, Math.max(1, cores.size()));
  }

  /**
   * Sends for so long.
   *
   * @param time in whole seconds
   */
  LoadResult run(Target target, int connections, Duration time) throws InterruptedException {
    int used = Math.min(threads, connections);
    List<String> command = new ArrayList<>(List.of(Tools.need("wrk"), "-t" + used));
    command.addAll(List.of("-c" + connections, "-d" + Math.max(1, time.toSeconds()) + "s"));
    command.addAll(List.of("--timeout", "5s", "-s", script(target, used).toString()));
    command.add(target.url());
    return LoadResult.parse("wrk", Shell.run(cores.forOthers(command), time.plusSeconds(30)));
  }

  private Path script(Target target, int threads) {
    try {
      Path script = Files.createTempFile(directory, "wrk-", ".lua");
      Files.writeString(script, text(target, threads));
      return script;
    } catch (IOException e) {
      throw new BenchFailure("no script for wrk in " + directory + ": " + e.getMessage());
    }
  }

  /** The script, in Lua. */
  static String text(Target target, int threads) {
    StringBuilder text = new StringBuilder();
    text.append("wrk.method = ").append(quoted(target.method())).append('\n');
    for (Map.Entry<String, String> header : target.headers().entrySet()) {
      text.append("wrk.headers[").append(quoted(header.getKey())).append("] = ");
      text.append(quoted(header.getValue())).append('\n');
    }
    boolean alike = target.callers().isEmpty() && target.bodies().size() <= 1;
    if (alike && target.walk().isNone()) {
      target.bodies().forEach(body -> text.append("wrk.body = ").append(quoted(body)).append('\n'));
    } else {
      text.append(oneAfterTheOther(target, threads));
    }
    return text.append(DONE).toString();
  }

  /**
   * Requests are made beforehand, but for the number in a walk's path. Each thread has its part.
   */
  private static String oneAfterTheOther(Target target, int threads) {
    Walk walk = target.walk();
    return String.format(
        Locale.ROOT,
        """
        local callers = %1$s
        local bodies = %2$s
        local forms = {}
        local part = 0
        setup = function(thread)
          thread:set("part", part)
          part = part + 1
        end
        init = function(args)
          step = %3$d + part * %4$d
          for k = 1, math.max(#callers, #bodies, 1) do
            local headers = {}
            for name, value in pairs(wrk.headers) do headers[name] = value end
            if #callers > 0 then headers["authorization"] = callers[(k - 1) %% #callers + 1] end
            local body = nil
            if #bodies > 0 then body = bodies[(k - 1) %% #bodies + 1] end
            forms[k] = wrk.format(nil, %5$s, headers, body)
            if %6$s then forms[k] = forms[k]:gsub("%%%%", "%%%%%%%%"):gsub("WALK", %7$s) end
          end
        end
        request = function()
          local form = forms[step %% #forms + 1]
          local id = %8$d + step %% %9$d * %10$d
          step = step + 1
          return %11$s
        end
        """,
        table(target.callers()),
        table(target.bodies()),
        walk.offset(),
        Math.max(walk.count(), Math.max(target.callers().size(), target.bodies().size())) / threads,
        walk.isNone() ? "nil" : "\"WALK\"",
        !walk.isNone(),
        quoted(walk.template().replace("%", "%%")),
        walk.first(),
        walk.count(),
        walk.stride(),
        walk.isNone() ? "form" : "string.format(form, id)");
  }

  private static String table(List<String> values) {
    return values.stream().map(Wrk::quoted).collect(Collectors.joining(",\n  ", "{", "}"));
  }

  /** A Lua string: every byte that is not plain is written as a number. */
  static String quoted(String value) {
    StringBuilder quoted = new StringBuilder("\"");
    for (byte each : value.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (each & 0xff);
      if (c == '"' || c == '\\' || c < ' ' || c > '~') {
        quoted.append(String.format(Locale.ROOT, "\\%03d", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
