package io.tidegate.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BenchCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return BenchCommand.commandLine()
        .setErr(new PrintWriter(err))
        .setOut(new PrintWriter(out))
        .execute(arguments);
  }

  @Test
  void everyBarIsJudgedByExactlyOneWork() {
    List<Bar> judged = Works.all().stream().flatMap(work -> work.bars().stream()).toList();
    assertThat(judged).containsExactlyInAnyOrder(Bar.values());
  }

  @Test
  void worksHaveNamesOfTheirOwn() {
    assertThat(Works.all().stream().map(Work::name)).doesNotHaveDuplicates();
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThat(run("--only", "speed")).isEqualTo(2);
    assertThat(err.toString()).contains("--only: speed (expected: routed, ");
    assertThat(run("--rounds", "0")).isEqualTo(2);
    assertThat(run("--seconds", "601")).isEqualTo(2);
    assertThat(err.toString()).contains("--rounds: 0 (expected: 1 to 100)").contains("--seconds");
  }

  @Test
  void leversAreTriedByName() {
    assertThat(Lever.names()).doesNotHaveDuplicates();
    assertThat(run("--lever", "epoll")).isEqualTo(2);
    assertThat(run("--only", "levers", "--lever", "epoll,speed")).isEqualTo(2);
    assertThat(err.toString())
        .contains("--lever: epoll (expected: with --only levers)")
        .contains("--lever: speed (expected: epoll, ");
  }

  @Test
  void optionsOfJmhNeedNoDashesBefore() {
    var parsed = BenchCommand.commandLine().parseArgs("jmh", "Quota", "-f", "1", "-wi", "2");
    assertThat(parsed.subcommand().matchedPositionals().getFirst().stringValues())
        .containsExactly("Quota", "-f", "1", "-wi", "2");
  }

  @Test
  void helpNamesTheOptions() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString()).contains("Exit codes:", "3   not every bar", "--strict");
    assertThat(run("jmh", "--help")).isZero();
  }

  @Test
  void aQuickRunHasTimeForEveryBar() {
    Duration all =
        Works.all().stream()
            .filter(work -> !work.bars().isEmpty())
            .map(Work::quickTime)
            .reduce(Duration.ZERO, Duration::plus);
    // What all share comes up first.
    assertThat(all.plusSeconds(30)).isLessThan(BenchCommand.QUICK);
    assertThat(Works.all().stream().filter(work -> !work.bars().isEmpty()))
        .noneMatch(Work::onRequest);
  }
}
