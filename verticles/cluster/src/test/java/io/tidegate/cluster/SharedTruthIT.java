package io.tidegate.cluster;

import static io.tidegate.cluster.TestNode.await;
import static io.tidegate.cluster.TestNode.until;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two and three nodes of a real cluster agree on a document, whatever is lost on the way. */
class SharedTruthIT {
  private static final ByteString OLD = ByteString.copyFromUtf8("old");
  private static final ByteString NEW = ByteString.copyFromUtf8("new");
  private static final Duration SOON = Duration.ofSeconds(10);

  private final String cluster = TestNode.newCluster();
  private final long hourAgo = System.currentTimeMillis() - 3_600_000;
  private int port;
  private TestNode one;
  private TestNode two;

  @BeforeEach
  void start() throws Exception {
    port = TestNode.freePort();
    one = new TestNode(cluster, "one", port, port).started();
    two = new TestNode(cluster, "two", TestNode.freePort(), port).started();
    until("they hear each other", SOON, () -> hears(one) && hears(two));
  }

  private static boolean hears(TestNode node) {
    return node.peers.live() == 2;
  }

  @AfterEach
  void stop() throws Exception {
    two.close();
    one.close();
  }

  @Test
  void aChangeIsInForceEverywhereAtOnce() throws Exception {
    List<String> taken = new CopyOnWriteArrayList<>();
    two.routes.handTo(snapshot -> taken.add(snapshot.getContent().toStringUtf8()));
    await(one.routes.offer(OLD, hourAgo));
    until("the first", SOON, () -> agreeOn(hourAgo));
    long before = System.currentTimeMillis();
    await(one.routes.offer(NEW, 1));
    until("the second", Duration.ofMillis(400), () -> two.routes.hash() == one.routes.hash());
    assertThat(two.routes.revision())
        .isEqualTo(one.routes.revision())
        .isBetween(before, before + 5_000);
    assertThat(taken).containsExactly("old", "new");
    assertThat(one.routes.degraded()).isNull();
  }

  @Test
  void aNodeThatMissedTheNewsCatchesUpWithinTwoSeconds() throws Exception {
    await(one.routes.offer(OLD, hourAgo));
    until("the first", SOON, () -> agreeOn(hourAgo));
    one.dropsNews = true;
    await(one.routes.offer(NEW, hourAgo));
    assertThat(two.routes.revision()).isEqualTo(hourAgo);
    until("the second", Duration.ofSeconds(2), () -> agreeOn(one.routes.revision()));
    assertThat(two.routes.hash()).isEqualTo(one.routes.hash());
  }

  @Test
  void anOlderFileLosesAndItsNodeSaysSoUntilItChanges() throws Exception {
    await(one.routes.offer(NEW, hourAgo + 1_000));
    until("the newer one", SOON, () -> agreeOn(hourAgo + 1_000));
    await(two.routes.offer(OLD, hourAgo));
    assertThat(agreeOn(hourAgo + 1_000)).isTrue();
    assertThat(two.routes.degraded())
        .isEqualTo("this node's routes.yaml is older than the one in force, from node one");
    await(two.routes.offer(NEW, hourAgo + 2_000));
    assertThat(agreeOn(hourAgo + 1_000)).as("says the same: no change").isTrue();
    assertThat(two.routes.degraded()).isNull();
    await(two.routes.offer(OLD, hourAgo));
    until(
        "an edit is new, whatever its file's time",
        SOON,
        () -> two.routes.hash() == one.routes.hash());
    assertThat(one.routes.degraded())
        .isEqualTo("this node's routes.yaml is older than the one in force, from node two");
  }

  @Test
  void aRestartedNodeWithAnOlderFileNeverHasItInForce() throws Exception {
    await(one.routes.offer(NEW, hourAgo + 1_000));
    List<String> taken = new CopyOnWriteArrayList<>();
    try (TestNode three = new TestNode(cluster, "three", TestNode.freePort(), port)) {
      three.routes.handTo(snapshot -> taken.add(snapshot.getContent().toStringUtf8()));
      three.started();
      await(three.routes.offer(OLD, hourAgo));
      assertThat(taken).containsExactly("new");
      assertThat(three.routes.revision()).isEqualTo(hourAgo + 1_000);
    }
  }

  @Test
  void ofTwoFilesOfOneTimeTheSameIsInForceEverywhere() throws Exception {
    one.dropsNews = true;
    two.dropsNews = true;
    await(one.routes.offer(OLD, hourAgo));
    await(two.routes.offer(NEW, hourAgo));
    until("one hash", SOON, () -> one.routes.hash() == two.routes.hash());
    assertThat(agreeOn(hourAgo)).isTrue();
    assertThat(Stream.of(one, two).map(node -> node.routes.degraded()).filter(Objects::nonNull))
        .singleElement()
        .asString()
        .startsWith("this node's routes.yaml is of the same time as");
  }

  @Test
  void equalFilesOfDifferentTimesHaveOneVersion() throws Exception {
    one.dropsNews = true;
    two.dropsNews = true;
    await(one.routes.offer(NEW, hourAgo));
    await(two.routes.offer(NEW, hourAgo + 5_000));
    until("one version", SOON, () -> agreeOn(one.routes.revision()));
    assertThat(one.routes.degraded()).isNull();
    assertThat(two.routes.degraded()).isNull();
  }

  @Test
  void whatANodeRefusesDoesNotCountThereAndIsTold() throws Exception {
    await(one.routes.offer(OLD, hourAgo));
    until("the first", SOON, () -> agreeOn(hourAgo));
    two.routes.handTo(
        snapshot -> {
          if (snapshot.getContent().equals(NEW)) {
            throw new IllegalArgumentException("a key of a newer version");
          }
        });
    await(one.routes.offer(NEW, hourAgo));
    until("told", SOON, () -> two.routes.degraded() != null);
    assertThat(two.routes.degraded()).contains("node one").contains("a key of a newer version");
    assertThat(two.routes.revision()).isEqualTo(hourAgo);
  }

  private boolean agreeOn(long revision) {
    return one.routes.revision() == revision
        && two.routes.revision() == revision
        && one.routes.hash() == two.routes.hash();
  }
}
