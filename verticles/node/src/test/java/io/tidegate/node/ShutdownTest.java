package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ShutdownTest {
  private final List<String> done = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Integer> halted = new CompletableFuture<>();

  @Test
  void whatWasStartedLastStopsFirstAndOnlyOnce() throws Exception {
    Shutdown shutdown = new Shutdown(Duration.ofMinutes(1), halted::complete);
    shutdown.onStop(deadline -> done.add("first"));
    shutdown.onStop(
        deadline -> {
          throw new IllegalStateException("keeps nobody from stopping");
        });
    shutdown.onStop(deadline -> done.add("last"));
    shutdown.now();
    shutdown.now();
    shutdown.await();
    assertThat(done).containsExactly("last", "first");
    assertThat(halted).isNotDone();
  }

  @Test
  void everyStepKnowsTheOneDeadline() {
    Shutdown shutdown = new Shutdown(Duration.ofMinutes(1), halted::complete);
    shutdown.onStop(
        deadline -> {
          assertThat(deadline.left()).isBetween(Duration.ofSeconds(30), Duration.ofMinutes(1));
          assertThat(deadline.before(Duration.ofMinutes(2)).left()).isEqualTo(Duration.ofMillis(1));
          assertThat(deadline.left(Duration.ofSeconds(1))).isEqualTo(Duration.ofSeconds(1));
          done.add("asserted");
        });
    shutdown.now();
    assertThat(done).containsExactly("asserted");
  }

  @Test
  void aStepThatNeverEndsDoesNotKeepTheProcess() throws Exception {
    Shutdown shutdown = new Shutdown(Duration.ofMillis(50), code -> halted.complete(code));
    CountDownLatch never = new CountDownLatch(1);
    shutdown.onStop(deadline -> never.await());
    Thread stopping = Thread.ofPlatform().daemon().start(shutdown::now);
    assertThat(halted.get(20, TimeUnit.SECONDS)).isEqualTo(1);
    never.countDown();
    stopping.join();
  }
}
