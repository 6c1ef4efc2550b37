package io.tidegate.cluster;

import static io.tidegate.cluster.TestNode.await;
import static io.tidegate.cluster.TestNode.until;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A node knows within a moment that it may have missed something. */
class LostNewsIT {
  private static final Duration SOON = Duration.ofSeconds(10);

  private TestNode one;
  private TestNode two;

  @BeforeEach
  void start() throws Exception {
    int port = TestNode.freePort();
    String cluster = TestNode.newCluster();
    one = new TestNode(cluster, "one", port, port).started();
    two = new TestNode(cluster, "two", TestNode.freePort(), port).started();
    until("they hear each other", SOON, () -> one.peers.live() == 2 && two.peers.live() == 2);
    until("no doubt", SOON, () -> two.bus.doubtedFor(System.nanoTime()) == 0);
  }

  @AfterEach
  void stop() throws Exception {
    two.close();
    one.close();
  }

  @Test
  void anEventThatWasLostPutsInDoubtWhatWasReadBefore() throws Exception {
    await(one.routes.offer(ByteString.copyFromUtf8("a"), 1));
    until("it arrives", SOON, () -> two.routes.revision() == 1);
    long before = System.nanoTime();
    assertThat(two.bus.doubtedFor(before)).isZero();
    one.dropsNews = true;
    await(one.routes.offer(ByteString.copyFromUtf8("b"), 1));
    until("noticed", Duration.ofSeconds(1), () -> two.bus.doubtedFor(before) > 0);
    assertThat(two.bus.doubtedFor(System.nanoTime())).isZero();
  }

  @Test
  void aNodeThatIsLostMayHaveHadMoreToTell() throws Exception {
    long before = System.nanoTime();
    one.close();
    until("noticed", Duration.ofSeconds(2), () -> two.bus.doubtedFor(before) > 0);
    until("over", SOON, () -> two.bus.doubtedFor(System.nanoTime()) == 0);
    assertThat(two.bus.doubtedFor(before)).isPositive();
  }
}
