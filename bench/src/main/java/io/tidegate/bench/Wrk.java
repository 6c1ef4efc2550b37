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
    if (!target.body().isEmpty()) {
      text.append("wrk.body = ").append(quoted(target.body())).append('\n');
    }
    if (!target.walk().isNone()) {
      text.append(walk(target.walk(), threads));
    }
    return text.append(DONE).toString();
  }

  /** Each thread has its own part of the numbers. */
  private static String walk(Walk walk, int threads) {
    return String.format(
        Locale.ROOT,
        """
        local part = 0
        setup = function(thread)
          thread:set("part", part)
          part = part + 1
        end
        init = function(args)
          step = %5$d + part * %1$d
          format = wrk.format(nil, "WALK"):gsub("%%%%", "%%%%%%%%"):gsub("WALK", %2$s)
        end
        request = function()
          local id = %3$d + step %% %4$d * %6$d
          step = step + 1
          return string.format(format, id)
        end
        """,
        walk.count() / threads,
        quoted(walk.template().replace("%", "%%")),
        walk.first(),
        walk.count(),
        walk.offset(),
        walk.stride());
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
