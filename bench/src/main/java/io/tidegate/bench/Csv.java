package io.tidegate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The report as comma-separated values, RFC 4180: every sample, every bar, every hot part. */
final class Csv {
  private Csv() {}

  /** Writes {@code samples.csv}, {@code bars.csv} and, when there are any, {@code parts.csv}. */
  static void write(Report report, Path directory) throws IOException {
    Files.write(directory.resolve("samples.csv"), samples(report.series()));
    Files.write(directory.resolve("bars.csv"), bars(report.verdicts()));
    if (!report.parts().isEmpty()) {
      Files.write(directory.resolve("parts.csv"), parts(report.parts()));
    }
  }

  static List<String> samples(List<Series> all) {
    Stream<String> head =
        Stream.of(
            "work,contender,round,requests,seconds,per_second,p50_us,p99_us,p999_us,errors,"
                + "cpu_us_per_request,busy_processors,resident_mib");
    Stream<String> lines =
        all.stream().flatMap(series -> series.samples().stream()).map(Csv::sample);
    return Stream.concat(head, lines).toList();
  }

  private static String sample(Sample sample) {
    LoadResult load = sample.load();
    return line(
        sample.work(),
        sample.contender(),
        sample.round(),
        load.requests(),
        number(load.seconds()),
        number(load.rate()),
        latency(load.p50Micros()),
        latency(load.p99Micros()),
        latency(load.p999Micros()),
        load.errors(),
        number(sample.cpuMicros()),
        number(sample.busy()),
        number(sample.residentBytes() / 1048576.0));
  }

  static List<String> bars(List<Verdict> verdicts) {
    Stream<String> lines =
        verdicts.stream()
            .map(
                verdict ->
                    line(
                        verdict.bar().work(),
                        verdict.bar().what(),
                        verdict.figure(),
                        verdict.isMeasured() ? number(verdict.value()) : "",
                        verdict.bar().text(),
                        verdict.word()));
    return Stream.concat(Stream.of("work,measure,figures,value,bar,verdict"), lines).toList();
  }

  static List<String> parts(List<HotPart> parts) {
    Stream<String> lines =
        parts.stream()
            .map(
                part ->
                    line(
                        part.what(),
                        number(part.nanos()),
                        number(part.error()),
                        number(part.bytes())));
    return Stream.concat(Stream.of("part,ns,error_ns,bytes"), lines).toList();
  }

  private static String latency(double micros) {
    return micros < 0 ? "" : number(micros);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static String line(Object... values) {
    return Stream.of(values).map(value -> field(value.toString())).collect(Collectors.joining(","));
  }

  private static String field(String value) {
    return value.matches("[^\",\r\n]*") ? value : '"' + value.replace("\"", "\"\"") + '"';
  }
}
