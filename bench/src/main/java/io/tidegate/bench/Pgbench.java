package io.tidegate.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Postgres's own benchmark on our server: one row by its key, from a million, prepared. */
final class Pgbench {
  private static final Pattern PROCESSED =
      Pattern.compile("number of transactions actually processed: (\\d+)");
  private static final Pattern FAILED = Pattern.compile("number of failed transactions: (\\d+)");
  private static final Pattern RATE = Pattern.compile("tps = ([0-9.]+)");
  private static final Duration FILL_LIMIT = Duration.ofMinutes(5);
  private static final int CLIENTS = 16;
  private static final int SCALE = 10;

  /** Of the transactions, in its log: client, number, what it took. */
  private static final double SAMPLED = 0.1;

  private static final int MICROS = 2;
  private static final String SEPARATOR = " ";

  private final Cores cores;
  private final String uri;

  Pgbench(Cores cores, String uri) {
    this.cores = cores;
    this.uri = uri;
  }

  /** Makes its tables, of a million rows. */
  void fill() throws InterruptedException {
    Shell.run(
        List.of(Tools.need("pgbench"), "-i", "-q", "-s", Integer.toString(SCALE), uri), FILL_LIMIT);
  }

  LoadResult select(Duration time) throws InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Tools.need("pgbench"),
                "-n",
                "-S",
                "-M",
                "prepared",
                "-c",
                Integer.toString(CLIENTS),
                "-j",
                Integer.toString(Math.min(CLIENTS, cores.size())),
                "-T",
                Long.toString(Math.max(1, time.toSeconds()))));
    try (RequestLog log = RequestLog.open()) {
      if (time.compareTo(RequestLog.LONGEST) <= 0) {
        command.addAll(
            List.of("-l", "--log-prefix=" + log.file("pgbench"), "--sampling-rate=" + SAMPLED));
      }
      command.add(uri);
      LoadResult result = parse(Shell.run(cores.forContender(command), time.plusSeconds(30)));
      return result.with(log.micros(SEPARATOR, MICROS));
    }
  }

  /** What it printed, in which there are no percentiles. */
  static LoadResult parse(String output) {
    Matcher processed = PROCESSED.matcher(output);
    Matcher rate = RATE.matcher(output);
    if (!processed.find() || (!rate.find() && !processed.group(1).equals("0"))) {
      throw new BenchFailure("pgbench told no figures: " + BenchFailure.lastWords(output));
    }
    Matcher failed = FAILED.matcher(output);
    long requests = Long.parseLong(processed.group(1));
    return new LoadResult(
        requests,
        requests == 0 ? 0 : requests / Double.parseDouble(rate.group(1)),
        LoadResult.UNTOLD,
        LoadResult.UNTOLD,
        LoadResult.UNTOLD,
        failed.find() ? Long.parseLong(failed.group(1)) : 0,
        0);
  }
}
