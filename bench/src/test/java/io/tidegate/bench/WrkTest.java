package io.tidegate.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

final class WrkTest {
  /** As wrk 4.1.0 printed it. */
  private static final String OUTPUT =
      """
      Running 2s test @ http://127.0.0.1:23451/x
        1 threads and 8 connections
        Thread Stats   Avg      Stdev     Max   +/- Stdev
          Latency   260.54us  577.65us   6.96ms   92.25%
          Req/Sec    58.60k     9.12k   80.62k    85.00%
        116575 requests in 2.00s, 17.79MB read
      Requests/sec:  58198.43
      Transfer/sec:      8.88MB
      figures requests=116575 duration_us=2003061 p50_us=91 p99_us=3113 p999_us=5285 errors=6 cpu_us=-1
      """;

  @Test
  void readsFigures() {
    LoadResult result = LoadResult.parse("wrk", OUTPUT);
    assertThat(result).isEqualTo(new LoadResult(116_575, 2.003061, 91, 3_113, 5_285, 6, -1));
    assertThat(result.rate()).isCloseTo(58_198.43, within(1.0));
  }

  @Test
  void saysWhatItPrintedWhenThereAreNoFigures() {
    assertThatThrownBy(
            () -> LoadResult.parse("wrk", "unable to connect to 127.0.0.1:1 Connection refused\n"))
        .isInstanceOf(BenchFailure.class)
        .hasMessage("wrk told no figures: unable to connect to 127.0.0.1:1 Connection refused");
  }

  @Test
  void scriptHasMethodHeadersAndBody() {
    Target target =
        Target.post("http://127.0.0.1:1/v1/track", List.of("{\"a\":\"b\\c\"}")).with("x", "y");
    assertThat(Wrk.text(target, 1))
        .contains("wrk.method = \"POST\"")
        .contains("wrk.headers[\"x\"] = \"y\"")
        .contains("wrk.body = \"{\\034a\\034:\\034b\\092c\\034}\"")
        .doesNotContain("request = function");
  }

  @Test
  void callersAndBodiesTakeTurns() {
    Target target =
        Target.post("http://127.0.0.1:1/v1/track", List.of("1", "2", "3")).by(List.of("a", "b"));
    assertThat(Wrk.text(target, 1))
        .contains("local callers = {\"a\",\n  \"b\"}")
        .contains("local bodies = {\"1\",\n  \"2\",\n  \"3\"}")
        .contains("forms[k] = wrk.format(nil, nil, headers, body)")
        .contains("return form\n")
        .doesNotContain("wrk.body");
  }

  @Test
  void quotesBytesThatAreNotPlain() {
    assertThat(Wrk.quoted("é\n")).isEqualTo("\"\\195\\169\\010\"");
  }

  @Test
  void walkGivesEachThreadItsPart() {
    Target target = Target.get("http://127.0.0.1:1").walking("/c/%d/profile", 7, 100).from(3);
    assertThat(Wrk.text(target, 4))
        .contains("step = 3 + part * 25")
        .contains(":gsub(\"%%\", \"%%%%\"):gsub(\"WALK\", \"/c/%%d/profile\")")
        .contains("local id = 7 + step % 100");
  }
}
