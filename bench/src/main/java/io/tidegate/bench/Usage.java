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
 */
record Usage(long cpuMicros, long residentBytes) {
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
            new Usage(0, 0),
            (a, b) -> new Usage(a.cpuMicros + b.cpuMicros, a.residentBytes + b.residentBytes));
  }

  private static Usage ofOne(long pid) {
    Path process = Path.of("/proc", Long.toString(pid));
    try {
      return new Usage(
          cpuMicros(Files.readString(process.resolve("stat"))),
          residentBytes(Files.readString(process.resolve("status"))));
    } catch (IOException e) {
      return new Usage(0, 0); // ended meanwhile
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

  /** From {@code /proc/PID/status}: VmRSS, 0 when there is none. */
  static long residentBytes(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith("VmRSS:"))
        .map(line -> line.replaceAll("[^0-9]", ""))
        .mapToLong(kib -> Long.parseLong(kib) * 1024)
        .findFirst()
        .orElse(0);
  }
}
