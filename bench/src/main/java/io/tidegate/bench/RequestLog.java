package io.tidegate.bench;

import io.tidegate.devstack.Trees;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * A folder into which a load generator writes a line for each request, with its latency in
 * microseconds in one of the columns. It is gone when this is closed.
 */
final class RequestLog implements AutoCloseable {
  /** A second of load is a few megabytes; what takes longer has no log. */
  static final Duration LONGEST = Duration.ofMinutes(1);

  private static final long MOST_MICROS = 600_000_000;
  private static final int DIGITS = 3;

  /** Of a request that failed there is a word instead. */
  private static final Pattern NUMBER = Pattern.compile("\\d{1,12}");

  private final Path directory;

  private RequestLog(Path directory) {
    this.directory = directory;
  }

  static RequestLog open() {
    try {
      return new RequestLog(Files.createTempDirectory("tidegate-bench-requests-"));
    } catch (IOException e) {
      throw new BenchFailure("no folder for a log of requests: " + e.getMessage());
    }
  }

  /** A file, or what names of files begin with, for the load generator. */
  Path file(String name) {
    return directory.resolve(name);
  }

  /**
   * The latencies in all files.
   *
   * @param separator between columns
   * @param column from 0
   */
  Histogram micros(String separator, int column) {
    Histogram micros = new Histogram(MOST_MICROS, DIGITS);
    Pattern columns = Pattern.compile(separator, Pattern.LITERAL);
    try {
      for (Path file : files()) {
        try (BufferedReader lines = Files.newBufferedReader(file)) {
          String line = lines.readLine();
          while (line != null) {
            String[] fields = columns.split(line, column + 2);
            if (fields.length > column && NUMBER.matcher(fields[column]).matches()) {
              micros.recordValue(Math.min(MOST_MICROS, Long.parseLong(fields[column])));
            }
            line = lines.readLine();
          }
        }
      }
      return micros;
    } catch (IOException e) {
      throw new BenchFailure("a log of requests can't be read: " + e.getMessage());
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  @Override
  public void close() {
    Trees.delete(directory);
  }
}
