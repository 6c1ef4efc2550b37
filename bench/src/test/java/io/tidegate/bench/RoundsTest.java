package io.tidegate.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bench.Rounds.Plan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RoundsTest {
  private final List<String> order = new ArrayList<>();
  private final List<String> failed = new ArrayList<>();
  private final Rounds rounds =
      new Rounds(
          new Plan(3, Duration.ofSeconds(1), Duration.ofSeconds(1)),
          new Cores("", "", 1),
          said -> {},
          failed::add);

  private Contender contender(String name, long errors) {
    return new Contender(
        name,
        null,
        time -> {
          order.add(name);
          return new LoadResult(1_000, 1, 10, 20, 30, errors, 5_000);
        });
  }

  @Test
  void contendersTakeTurnsAndEachBeginsOnce() throws Exception {
    Map<String, Series> all =
        rounds.runWarm("w", List.of(contender("A", 0), contender("B", 0), contender("C", 0)));
    assertThat(order).containsExactly("A", "B", "C", "B", "C", "A", "C", "A", "B");
    assertThat(all.keySet()).containsExactly("A", "B", "C");
    assertThat(all.get("B").samples()).hasSize(3);
    assertThat(all.get("B").cpuMicros()).isEqualTo(5);
    assertThat(failed).isEmpty();
  }

  @Test
  void whoAnswersBadlyDropsOutAndTheOthersGoOn() throws Exception {
    Map<String, Series> all =
        rounds.runWarm("w", List.of(contender("A", 0), contender("bad", 2), contender("C", 1)));
    assertThat(all.keySet()).containsExactly("A", "C");
    assertThat(all.get("C").samples()).hasSize(3);
    assertThat(failed).containsExactly("w: bad: 2 of 1000 requests went wrong");
  }

  @Test
  void everyoneWarmsUpFirst() throws Exception {
    var unused = rounds.run("w", List.of(contender("A", 0), contender("B", 0)));
    assertThat(order).startsWith("A", "B", "A", "B", "B", "A").hasSize(8);
  }

  @Test
  void eachIsSetUpBeforeEachMeasurement() throws Exception {
    var unused =
        rounds.run(
            "w",
            List.of(
                contender("A", 0).after(() -> order.add("set A")),
                contender("B", 0).after(() -> order.add("set B"))));
    assertThat(order).startsWith("set A", "A", "set B", "B", "set A", "A", "set B", "B", "set B");
    assertThat(order.stream().filter("set A"::equals)).hasSize(4);
  }
}
