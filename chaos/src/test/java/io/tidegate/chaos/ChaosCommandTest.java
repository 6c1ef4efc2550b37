package io.tidegate.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ChaosCommandTest {
  @ParameterizedTest
  @CsvSource({
    "--nodes, 1, '--nodes: 1 (expected: 2 to 9)'",
    "--rate, 0, '--rate: 0.0 (expected: 24 to 5000)'",
    "--minutes, 0, '--minutes: 0 (expected: > 0)'",
    "--layout, any, '--layout: any (expected: all, apart or single-roles)'",
    "--only, rain, '--only: rain (expected: kill-node-1, pause, roll, kill-two, join,'",
  })
  void optionsThatMakeNoSenseAreExitCode2(String option, String value, String message) {
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new ChaosCommand())
            .setErr(new PrintWriter(err, true))
            .execute(option, value);
    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains(message);
  }

  @Test
  void everyFaultOfTheListIsThere() {
    assertThat(Fault.all(Layout.ALL, 3).stream().map(Fault::name))
        .containsExactly(
            "kill-node-1",
            "pause",
            "roll",
            "kill-two",
            "join",
            "cut-nodes",
            "cut-redis",
            "cut-postgres",
            "cut-kafka",
            "kill-node-2",
            "kill-node-3");
    assertThat(Fault.all(Layout.SINGLE_ROLES, 6).stream().map(Fault::name))
        .contains("kill-edge", "kill-ingestion", "kill-projection", "kill-profile");
    assertThat(Fault.all(Layout.ALL, 2).stream().map(Fault::name)).doesNotContain("kill-two");
  }

  @Test
  void oneRoundHasEveryKindOfFaultAndKillsAnEdgeAndAWorkerThatAreApart() {
    List<Part> round = Part.round(3);
    assertThat(round.getFirst().faults().stream().map(Fault::name))
        .containsExactly(
            "kill-node-1",
            "pause",
            "roll",
            "kill-two",
            "join",
            "cut-nodes",
            "cut-redis",
            "cut-postgres",
            "cut-kafka");
    assertThat(round.getLast().layout()).isEqualTo(Layout.APART);
    assertThat(round.getLast().faults().stream().map(Fault::name))
        .containsExactly("kill-edge-1", "kill-worker-4");
    assertThat(Layout.APART.onlyOn(Set.of(4), 4)).isEmpty();
    assertThat(Layout.APART.onlyOn(Set.of(3, 4), 4)).doesNotContain("edge").hasSize(5);
  }

  @Test
  void aNoteAndAWrongAreAdded() {
    Outcome outcome =
        new Outcome("f", 1, 1, 0, 0, 0, 0, 0, 0, 0, null, null, "", List.of(), List.of());
    assertThat(outcome.noting("n").isRight()).isTrue();
    assertThat(outcome.noting("n").notes()).containsExactly("n");
    assertThat(outcome.wrongBy("w").isRight()).isFalse();
  }

  @Test
  void booksAreWrongOrRightWhateverClientsSaw() {
    Outcome outcome =
        new Outcome("f", 1, 1, 0, 0, 0, 4, 5, 6, 7, null, null, "", List.of(), List.of());
    assertThat(outcome.wrongBy("w").hasRightBooks()).isTrue();
    assertThat(outcome.wrongBy(Outcome.COUNTS + 1).hasRightBooks()).isFalse();
    assertThat(outcome.wrongBy(Outcome.NOTHING).hasRightBooks()).isFalse();
    for (int[] bad : new int[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}) {
      assertThat(
              new Outcome(
                      "f", 1, 1, bad[0], bad[1], bad[2], 0, 0, 0, 0, null, null, "", List.of(),
                      List.of())
                  .hasRightBooks())
          .isFalse();
    }
  }

  @Test
  void everyLayoutHostsEveryRoleSomewhere() {
    for (Layout layout : Layout.values()) {
      int nodes = layout.defaultNodes();
      Set<String> hosted =
          IntStream.rangeClosed(1, nodes)
              .boxed()
              .flatMap(node -> layout.roles(node, nodes).stream())
              .collect(Collectors.toSet());
      assertThat(hosted).as(layout.toString()).containsAll(Layout.ROLES);
    }
    assertThat(Layout.APART.roles(1, 4)).containsExactly("edge");
    assertThat(Layout.APART.roles(4, 4)).doesNotContain("edge");
  }

  @Test
  void theTableTellsWhatIsWrongAndWhatWasSkipped() {
    Outcome right =
        new Outcome(
            "pause", 24.5, 2940, 0, 0, 0, 0, 97, 30, 310, 41.4, 50.0, "", List.of(), List.of("x"));
    Outcome wrong =
        new Outcome(
            "roll", 20, 100, 1, 2, 3, 4, 5, 6, 7, null, null, "", List.of("lost"), List.of());
    StringWriter out = new StringWriter();
    Outcome.print(
        List.of(right, wrong, Outcome.skipped("cut-nodes", "needs root")),
        new PrintWriter(out, true));
    assertThat(out.toString())
        .containsPattern("pause +24.5 +2940 +0 +0 +0 +0 +97 +30 +310 +41 +50\n")
        .containsPattern("roll +20.0 +100 +1 +2 +3 +4 +5 +6 +7 +- +-  WRONG")
        .containsPattern("cut-nodes +skipped: needs root")
        .contains("roll: WRONG: lost", "pause: seen: x");
  }
}
