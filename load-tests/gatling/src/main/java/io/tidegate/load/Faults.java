package io.tidegate.load;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Kills an upstream after a third of the users have come and a node after two; by a thread. */
final class Faults implements ScenarioCommand.Companion {
  private static final long LOOK_MILLIS = 20;

  private final Stage stage;
  private final Upstream upstream;
  private final OwnSystem system;
  private final Consumer<String> said;
  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean upstreamDied;
  private volatile boolean nodeDied;
  private volatile long routedRefused;

  /**
   * Begins to wait at once.
   *
   * @param said hears what was done
   */
  Faults(Stage stage, Upstream upstream, OwnSystem system, Consumer<String> said) {
    this.stage = stage;
    this.upstream = upstream;
    this.system = system;
    this.said = said;
    this.thread = Thread.ofPlatform().daemon().name("faults").start(this::kill);
  }

  private void kill() {
    long arrivals = stage.plan().arrivals();
    try {
      if (await(arrivals / 3)) {
        upstream.close();
        upstreamDied = true;
        said.accept("An upstream has died");
      }
      if (await(arrivals * 2 / 3)) {
        routedRefused = stage.answers().count(ShopVisit.ROUTED, 400, AnswerCounts.STATUSES - 1);
        said.accept("Killed a node, process " + system.killNode());
        nodeDied = true;
      }
    } catch (LoadFailure e) {
      said.accept(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until so many users have come; false when the run is over before. */
  private boolean await(long arrivals) throws InterruptedException {
    while (stage.clock().arrivals() < arrivals) {
      if (over.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public List<Verdict> end(Duration took) throws InterruptedException {
    over.countDown();
    thread.join();
    return List.of(
        Verdict.of(
            upstreamDied && nodeDied,
            "died under load: %s, %s",
            upstreamDied ? "an upstream" : "no upstream",
            nodeDied ? "a node" : "no node"),
        Verdict.of(
            routedRefused == 0,
            "nobody sees the upstream die: %,d routed calls were refused before a node died",
            routedRefused),
        Verdict.of(
            stage.sessions().givenUp() == 0,
            "everybody is served: %,d requests got no good answer in any try",
            stage.sessions().givenUp()));
  }
}
