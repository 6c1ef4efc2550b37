package io.tidegate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a process and its descendants have used so far.
 *
 * @param cpuMicros user and system time, microseconds, in steps of 10 ms
 * @param residentBytes memory in RAM now; what processes share counts for each
 * @param peakBytes the most that was in RAM so far, of each process by itself
 */
record Usage(long cpuMicros, long residentBytes, long peakBytes) {
  static final Usage NOTHING = new Usage(0, 0, 0);

  /** USER_HZ is 100 on every Linux that Java runs on. */
  private static final long MICROS_PER_TICK = 10_000;

  private static final int AFTER_NAME_UTIME = 11;

  /** Of a process and its living descendants, by {@code /proc}. */
  static Usage of(long pid) {
    Stream<Long> descendants =
        ProcessHandle.of(pid).stream().flatMap(ProcessHandle::descendants).map(ProcessHandle::pid);
    return Stream.concat(Stream.of(pid), descendants)
        .map(Usage::ofOne)
        .reduce(
            NOTHING,
            (a, b) ->
                new Usage(
                    a.cpuMicros + b.cpuMicros,
                    a.residentBytes + b.residentBytes,
                    a.peakBytes + b.peakBytes));
  }

  private static Usage ofOne(long pid) {
    Path process = Path.of("/proc", Long.toString(pid));
    try {
      String status = Files.readString(process.resolve("status"));
      return new Usage(
          cpuMicros(Files.readString(process.resolve("stat"))),
          bytes(status, "VmRSS:"),
          bytes(status, "VmHWM:"));
    } catch (IOException e) {
      return NOTHING; // ended meanwhile
    }
  }

  /**
   * From {@code /proc/PID/stat}, proc(5): utime and stime; the name before them may hold anything.
   */
  static long cpuMicros(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[AFTER_NAME_UTIME]) + Long.parseLong(fields[AFTER_NAME_UTIME + 1]))
        * MICROS_PER_TICK;
  }

  /** From {@code /proc/PID/status}: a field that ends with kB, 0 when there is none. */
  static long bytes(String status, String field) {
    return status
        .lines()
        .filter(line -> line.startsWith(field))
        .map(line -> line.replaceAll("[^0-9]", ""))
        .mapToLong(kib -> Long.parseLong(kib) * 1024)
        .findFirst()
        .orElse(0);
  }
}
