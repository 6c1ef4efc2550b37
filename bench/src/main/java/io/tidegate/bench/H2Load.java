package io.tidegate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Load over HTTP/2 by {@code h2load}: each connection has some streams under way. */
final class H2Load {
  private static final Pattern FINISHED = Pattern.compile("finished in ([0-9.]+)(ms|s)");
  private static final Pattern REQUESTS =
      Pattern.compile("requests: \\d+ total, \\d+ started, (\\d+) done, (\\d+) succeeded");
  private static final Pattern STATUS =
      Pattern.compile("status codes: (\\d+) 2xx, (\\d+) 3xx, (\\d+) 4xx, (\\d+) 5xx");

  /** In its log: when a request began, its status, what it took. */
  private static final int MICROS = 2;

  private static final String SEPARATOR = "\t";

  private static final Duration GRACE = Duration.ofSeconds(8);

  private final Cores cores;

  H2Load(Cores cores) {
    this.cores = cores;
  }

  /**
   * Sends for so long: GETs, or POSTs of the target's first body.
   *
   * @param streams of one connection under way at once
   */
  LoadResult run(Target target, int connections, int streams, Duration time)
      throws InterruptedException, IOException {
    List<String> command = new ArrayList<>(List.of(Tools.need("h2load")));
    command.addAll(List.of("-c", Integer.toString(connections), "-m", Integer.toString(streams)));
    command.addAll(List.of("-t", Integer.toString(Math.min(cores.size(), connections))));
    command.addAll(List.of("-D", Long.toString(Math.max(1, time.toSeconds()))));
    for (Map.Entry<String, String> header : target.headers().entrySet()) {
      command.addAll(List.of("-H", header.getKey() + ": " + header.getValue()));
    }
    if (target.bodies().isEmpty()) {
      command.add(target.url());
      return run(command, time);
    }
    Path body = Files.createTempFile("tidegate-bench-", ".body");
    try {
      Files.writeString(body, target.bodies().getFirst());
      command.addAll(List.of("-d", body.toString(), target.url()));
      return run(command, time);
    } finally {
      Files.delete(body);
    }
  }

  /**
   * h2load does not always notice that its time is over; then it is asked once more, with a log of
   * its own, since it appends to one that is there.
   */
  private LoadResult run(List<String> command, Duration time) throws InterruptedException {
    try {
      return runOnce(command, time);
    } catch (BenchFailure hung) {
      return runOnce(command, time);
    }
  }

  private LoadResult runOnce(List<String> options, Duration time) throws InterruptedException {
    try (RequestLog log = RequestLog.open()) {
      List<String> command = new ArrayList<>(options);
      if (time.compareTo(RequestLog.LONGEST) <= 0) {
        command.add(1, "--log-file=" + log.file("h2load"));
      }
      LoadResult result = parse(Shell.run(cores.forOthers(command), time.plus(GRACE)));
      return result.with(log.micros(SEPARATOR, MICROS));
    }
  }

  /** What it printed, in which there are no percentiles. */
  static LoadResult parse(String output) {
    Matcher finished = FINISHED.matcher(output);
    Matcher requests = REQUESTS.matcher(output);
    Matcher status = STATUS.matcher(output);
    if (!finished.find() || !requests.find() || !status.find()) {
      throw new BenchFailure("h2load told no figures: " + BenchFailure.lastWords(output));
    }
    double seconds =
        Double.parseDouble(finished.group(1)) / (finished.group(2).equals("ms") ? 1_000 : 1);
    long done = Long.parseLong(requests.group(1));
    return new LoadResult(
        done,
        seconds,
        LoadResult.UNTOLD,
        LoadResult.UNTOLD,
        LoadResult.UNTOLD,
        done - Long.parseLong(status.group(1)) - Long.parseLong(status.group(2)),
        LoadResult.UNTOLD);
  }
}
