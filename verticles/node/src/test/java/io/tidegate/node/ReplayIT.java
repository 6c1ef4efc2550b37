package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.devstack.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Behaviour files through the whole system: exact, whatever happens to the node. */
class ReplayIT {
  @TempDir static Path directory;
  private static RunningNode node;

  @BeforeAll
  static void start() {
    node = RunningNode.onSharedServers();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void everyRowCountsOnceHoweverOftenItIsReplayed() throws Exception {
    Shop shop = new Shop(directory.resolve("exact.csv"), 1, 10_000, 120);
    assertThat(shop.replay(node)).isZero();
    shop.awaitExactProfiles(node);
    assertThat(shop.replay(node)).isZero();
    Await.until("the projection has read all", Duration.ofSeconds(30), ReplayIT::caughtUp);
    shop.assertProfilesExact(node);
  }

  @Test
  void killedInTheMiddleAndStartedAgainNothingIsLostOrCountedTwice() throws Exception {
    Shop shop = new Shop(directory.resolve("killed.csv"), 2, 10_000, 120);
    CompletableFuture<Integer> replay =
        CompletableFuture.supplyAsync(
            () -> shop.replay(node, "--retry-for", "120s", "--batch-size", "20"));
    double before = projected();
    Await.until("a part is projected", Duration.ofSeconds(30), () -> projected() > before + 500);
    node.killHard();
    assertThat(replay).as("the replay outlives the node").isNotDone();
    node.startAgain();
    assertThat(replay.get(120, TimeUnit.SECONDS)).isZero();
    shop.awaitExactProfiles(node);
  }

  private static double projected() {
    return metric("tidegate_projection_events_total{outcome=\"projected\"");
  }

  private static boolean caughtUp() {
    return node.management("/metrics")
        .body()
        .lines()
        .anyMatch(line -> line.matches("tidegate_projection_lag(\\{.*})? 0\\.0"));
  }

  private static double metric(String name) {
    return node.management("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
