package io.tidegate.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ReportTest {
  private static Series series(String contender, double... cpuMicros) {
    return new Series(
        "routed GET",
        contender,
        IntStream.range(0, cpuMicros.length)
            .mapToObj(
                round ->
                    new Sample(
                        "routed GET",
                        contender,
                        round + 1,
                        new LoadResult(1_000L * (round + 1), 1, 100, 200, -1, 0, -1),
                        cpuMicros[round],
                        1,
                        100 << 20))
            .toList());
  }

  private static Report report() {
    Report report = new Report();
    report.add(List.of(series("Tidegate", 30, 20, 28), series("nginx, \"plain\"", 20, 20, 20)));
    report.missing(Bar.TAIL, "wrk is not installed");
    report.judge(Bar.ROUTED_CPU_NGINX, 1.4, "28.0 us, nginx 20.0 us");
    report.judge(Bar.ROUTED_RATE, 0.5, "1/s, nginx 2/s");
    return report;
  }

  @Test
  void mediansAndSpread() {
    Series series = series("x", 30, 20, 28);
    assertThat(series.cpuMicros()).isEqualTo(28);
    assertThat(series.spread(Sample::cpuMicros)).isCloseTo(5 / 28.0 * 100, within(0.001));
    assertThat(Series.median(1, 4)).isEqualTo(2.5);
    assertThat(Series.median()).isZero();
  }

  @Test
  void barsAreJudgedOnTheirSide() {
    assertThat(Verdict.of(Bar.ROUTED_CPU_NGINX, 1.4, "").word()).isEqualTo("PASS");
    assertThat(Verdict.of(Bar.ROUTED_CPU_NGINX, 1.41, "").word()).isEqualTo("MISS");
    assertThat(Verdict.of(Bar.ROUTED_RATE, 0.8, "").word()).isEqualTo("PASS");
    assertThat(Verdict.of(Bar.ROUTED_RATE, 0.79, "").word()).isEqualTo("MISS");
    assertThat(Verdict.of(Bar.QUOTA_BYTES, 0.4, "").word()).isEqualTo("PASS");
    assertThat(Verdict.of(Bar.QUOTA_BYTES, 16, "").word()).isEqualTo("MISS");
    assertThat(Verdict.notMeasured(Bar.TAIL, "why").word()).isEqualTo("not measured: why");
  }

  @Test
  void barsShowWhatTheyAsk() {
    assertThat(Bar.ROUTED_CPU_NGINX.text()).isEqualTo("<= 1.4");
    assertThat(Bar.ROUTE_MATCH.text()).isEqualTo("<= 500");
    assertThat(Bar.PROFILE_COLD.text()).isEqualTo(">= 1.0");
  }

  @Test
  void tableShowsContendersAndBarsInTheirOrder() {
    StringWriter text = new StringWriter();
    BenchTable.print(report(), new PrintWriter(text));
    assertThat(text.toString().lines())
        .anyMatch(line -> line.matches("routed GET +Tidegate +2,000 +50 +100 +200 +- +28\\.0 .*"))
        .anyMatch(line -> line.matches(".* 1\\.40 +<= 1\\.4 +PASS"));
    assertThat(text.toString().indexOf("PASS"))
        .isPositive()
        .isLessThan(text.toString().indexOf("MISS"));
    assertThat(text.toString().indexOf("MISS"))
        .isLessThan(text.toString().indexOf("not measured: wrk is not installed"));
  }

  @Test
  void aWorkWithoutBarsHasATableToo() {
    Report report = new Report();
    report.add(List.of(series("as usual", 20)));
    report.note("epoll: 1.09 x");
    StringWriter text = new StringWriter();
    BenchTable.print(report, new PrintWriter(text));
    assertThat(text.toString().lines())
        .anyMatch(line -> line.startsWith("routed GET  as usual"))
        .contains("* epoll: 1.09 x");
  }

  @Test
  void theLastLineNamesWhatWasNotMeasured() {
    StringWriter text = new StringWriter();
    BenchTable.print(report(), new PrintWriter(text));
    assertThat(text.toString().lines().toList().getLast())
        .isEqualTo("1 of 3 bars PASS, 1 MISS, 1 not measured: half of maximum (p99, ms)");
  }

  @Test
  void aRunThatLeftABarOutEndsOtherwise() {
    assertThat(BenchCommand.exitCode(true, report(), false)).isEqualTo(3);
    assertThat(BenchCommand.exitCode(true, report(), true)).isEqualTo(3);
    assertThat(BenchCommand.exitCode(false, new Report(), false)).isEqualTo(1);
    Report lacking = new Report();
    lacking.lack("limiter: no Redis");
    assertThat(BenchCommand.exitCode(true, lacking, false)).isEqualTo(3);
    assertThat(lacking.notes()).containsExactly("limiter: no Redis");
    assertThat(lacking.outcome()).endsWith("0 not measured: limiter: no Redis");
  }

  @Test
  void aMissFailsAStrictRunOnly() {
    Report missed = new Report();
    missed.judge(Bar.ROUTED_CPU_NGINX, 1.4, "");
    assertThat(BenchCommand.exitCode(true, missed, true)).isZero();
    missed.judge(Bar.ROUTED_RATE, 0.5, "");
    assertThat(BenchCommand.exitCode(true, missed, false)).isZero();
    assertThat(BenchCommand.exitCode(true, missed, true)).isEqualTo(4);
    assertThat(missed.outcome()).isEqualTo("1 of 2 bars PASS, 1 MISS, 0 not measured");
  }

  @Test
  void hotPartsAreRows() {
    Report report = report();
    report.add(new HotPart("bus call, far", 12_345.67, 0, 3.25));
    StringWriter text = new StringWriter();
    BenchTable.print(report, new PrintWriter(text));
    assertThat(text.toString().lines())
        .anyMatch(line -> line.matches("bus call, far +12,345\\.7 +- +3\\.3"));
    assertThat(Csv.parts(report.parts()))
        .containsExactly("part,ns,error_ns,bytes", "\"bus call, far\",12345.67,0.00,3.25");
  }

  @Test
  void csvHasEverySampleAndEveryBar() {
    assertThat(Csv.samples(report().series()))
        .hasSize(7)
        .contains("routed GET,Tidegate,2,2000,1.00,2000.00,100.00,200.00,,0,20.00,1.00,100.00")
        .anyMatch(line -> line.startsWith("routed GET,\"nginx, \"\"plain\"\"\",1,"));
    assertThat(Csv.bars(report().verdicts()))
        .containsExactly(
            "work,measure,figures,value,bar,verdict",
            "routed GET,\"CPU per request, x nginx\",\"28.0 us, nginx 20.0 us\",1.40,<= 1.4,PASS",
            "routed GET,\"requests/s, x nginx\",\"1/s, nginx 2/s\",0.50,>= 0.8,MISS",
            "half of maximum,\"p99, ms\",,,<= 5,not measured: wrk is not installed");
  }

  @Test
  void chartsAreInScale() {
    String chart =
        Plot.chart(
            "a < b", List.of(series("Tidegate", 10), series("nginx", 20)), Series::cpuMicros);
    assertThat(chart)
        .startsWith("<svg xmlns=\"http://www.w3.org/2000/svg\"")
        .contains("a &lt; b")
        .contains("width=\"440.0\" height=\"22\" fill=\"#9aa5b1\"")
        .contains("width=\"220.0\" height=\"22\" fill=\"#0b7a75\"")
        .endsWith("</svg>\n");
  }
}
