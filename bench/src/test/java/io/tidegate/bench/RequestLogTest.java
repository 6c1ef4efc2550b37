package io.tidegate.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

final class RequestLogTest {
  @Test
  void latenciesOfH2load() throws IOException {
    try (RequestLog log = RequestLog.open()) {
      String lines =
          LongStream.rangeClosed(1, 1_000)
              .mapToObj(micros -> "1795364651543421\t200\t" + micros + "\n")
              .collect(Collectors.joining());
      Files.writeString(log.file("h2load"), lines);
      LoadResult result = none().with(log.micros("\t", 2));
      assertThat(result.p50Micros()).isEqualTo(500);
      assertThat(result.p99Micros()).isEqualTo(990);
      assertThat(result.p999Micros()).isEqualTo(999);
      assertThat(result.requests()).isEqualTo(7);
    }
  }

  @Test
  void latenciesOfPgbenchAreInAFileForEachThread() throws IOException {
    try (RequestLog log = RequestLog.open()) {
      Files.writeString(log.file("pgbench.17261"), "10 1 15895 0 1795364651 543421\n");
      Files.writeString(
          log.file("pgbench.17261.1"),
          "3 8 401 0 1795364651 543421\n3 9 failed 0 1795364651 543421\n3");
      Histogram micros = log.micros(" ", 2);
      assertThat(micros.getTotalCount()).isEqualTo(2);
      assertThat(micros.getMinValue()).isEqualTo(401);
      assertThat(micros.getMaxValue()).isBetween(15_890L, 15_900L);
    }
  }

  @Test
  void withoutALineNothingIsTold() {
    try (RequestLog log = RequestLog.open()) {
      assertThat(none().with(log.micros(" ", 2))).isEqualTo(none());
    }
  }

  @Test
  void nothingStays() throws IOException {
    Path file;
    try (RequestLog log = RequestLog.open()) {
      file = Files.writeString(log.file("h2load"), "1\t200\t7\n");
    }
    assertThat(file.getParent()).doesNotExist();
  }

  private static LoadResult none() {
    return new LoadResult(
        7, 1, LoadResult.UNTOLD, LoadResult.UNTOLD, LoadResult.UNTOLD, 0, LoadResult.UNTOLD);
  }
}
