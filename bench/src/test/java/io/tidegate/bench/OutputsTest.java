package io.tidegate.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What tools printed when it was recorded, read. */
final class OutputsTest {
  private static final String H2LOAD =
      """
      Main benchmark duration is over for thread #0. Stopping all clients.
      Stopped all clients for thread #0

      finished in 2.00s, 54852.50 req/s, 8.37MB/s
      requests: 109705 total, 109709 started, 109705 done, 109700 succeeded, 5 failed, 0 errored, 0 timeout
      status codes: 109700 2xx, 0 3xx, 5 4xx, 0 5xx
      traffic: 16.74MB (17552800) total, 11.93MB (12506826) headers (space savings 0.00%), 749.96KB (767963) data
                           min         max         mean         sd        +/- sd
      time for request:       26us     12.55ms        72us       159us    99.26%
      """;

  private static final String PGBENCH =
      """
      pgbench (15.18 (Debian 15.18-0+deb12u1), server 18.6)
      transaction type: <builtin: select only>
      scaling factor: 10
      query mode: prepared
      number of clients: 16
      number of threads: 1
      maximum number of tries: 1
      duration: 2 s
      number of transactions actually processed: 63821
      number of failed transactions: 0 (0.000%)
      latency average = 0.498 ms
      initial connection time = 21.315 ms
      tps = 32117.218394 (without initial connection time)
      """;

  private static final String JMH =
      """
      [
          {
              "jmhVersion" : "1.37",
              "benchmark" : "io.tidegate.ratelimit.QuotaBenchmark.decide",
              "mode" : "avgt",
              "params" : {"policies" : "1"},
              "primaryMetric" : {
                  "score" : 61.25,
                  "scoreError" : "NaN",
                  "scoreUnit" : "ns/op"
              },
              "secondaryMetrics" : {
                  "·gc.alloc.rate" : {"score" : 0.1, "scoreError" : 0.0, "scoreUnit" : "MB/sec"},
                  "·gc.alloc.rate.norm" : {"score" : 0.004, "scoreError" : 0.0, "scoreUnit" : "B/op"}
              }
          }
      ]
      """;

  @Test
  void h2load() {
    LoadResult result = H2Load.parse(H2LOAD);
    assertThat(result.requests()).isEqualTo(109_705);
    assertThat(result.rate()).isCloseTo(54_852.5, within(1.0));
    assertThat(result.errors()).isEqualTo(5);
    assertThat(result.p99Micros()).isNegative();
  }

  @Test
  void h2loadInMilliseconds() {
    assertThat(H2Load.parse(H2LOAD.replace("in 2.00s", "in 250.00ms")).seconds()).isEqualTo(0.25);
  }

  @Test
  void pgbench() {
    LoadResult result = Pgbench.parse(PGBENCH);
    assertThat(result.requests()).isEqualTo(63_821);
    assertThat(result.rate()).isCloseTo(32_117.2, within(0.1));
    assertThat(result.errors()).isZero();
  }

  @Test
  void jmh() {
    List<Found> found = Found.parse(JMH);
    assertThat(found).containsExactly(new Found("QuotaBenchmark.decide", "1", 61.25, 0, 0.004));
    assertThat(HotPart.of(found.getFirst()).what()).isEqualTo("quota decision, warm, policies: 1");
    assertThat(HotPart.of(new Found("ProfileEncodeBenchmark.encode", "", 1, 0, 0)).what())
        .isEqualTo("profile encode");
  }

  @Test
  void whatIsNoneIsSaid() {
    assertThatThrownBy(() -> H2Load.parse("could not resolve\nhost"))
        .isInstanceOf(BenchFailure.class)
        .hasMessage("h2load told no figures: could not resolve | host");
    assertThatThrownBy(() -> Pgbench.parse("connection refused"))
        .isInstanceOf(BenchFailure.class)
        .hasMessageStartingWith("pgbench told no figures");
    assertThatThrownBy(() -> Found.parse("[")).isInstanceOf(BenchFailure.class);
  }
}
