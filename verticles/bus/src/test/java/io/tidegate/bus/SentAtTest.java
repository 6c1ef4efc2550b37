package io.tidegate.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proto.cluster.NodeBeat;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class SentAtTest {
  private static final long MS = 1_000_000;
  private static final long BEAT = 100 * MS;
  private static final long THEIR_ZERO = -7_000_000_000_000L;

  private final SentAt sentAt = new SentAt();
  private long now = 5_000 * MS;

  /**
   * How old a beat that is read now is said to be, in ms, when it was sent at that time of ours.
   */
  private long age(long sent) {
    return (now - sentAt.of(now, THEIR_ZERO + sent)) / MS;
  }

  private void beats(int count) {
    for (int i = 0; i < count; i++) {
      now += BEAT;
      assertThat(age(now)).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void whatIsReadAfterAPauseIsAsOldAsItIs() {
    beats(20);
    long paused = now;
    now += 20_000 * MS;
    for (long sent = paused + BEAT; sent < now; sent += BEAT) {
      assertThat(age(sent)).isCloseTo((now - sent) / MS, within(25));
      now += MS / 10;
    }
    beats(3);
  }

  @Test
  void aQuickBeatTellsWhatTheSlowOnesTook() {
    for (int i = 0; i < 20; i++) {
      now += BEAT;
      age(now - 40 * MS);
    }
    now += BEAT;
    assertThat(age(now)).isZero();
    now += BEAT;
    assertThat(age(now - 40 * MS)).isCloseTo(40, within(1));
  }

  @Test
  void clocksThatDriftDoNotAgeAnybody() {
    Random random = new Random(3);
    for (double drift : new double[] {-500e-6, 500e-6}) {
      long begin = now;
      for (int i = 0; i < 36_000; i++) {
        now += BEAT;
        long took = (long) (random.nextDouble() * 10 * MS);
        long sent = now - took;
        assertThat(age(sent + (long) ((sent - begin) * drift)))
            .as("after %d s", (now - begin) / 1_000_000_000)
            .isLessThanOrEqualTo(12);
      }
      sentAt.of(now, THEIR_ZERO + now);
    }
  }

  @Test
  void aClockThatStoodStillIsFoundOutInASecondOrSo() {
    beats(20);
    long stoodStillFor = 60_000 * MS;
    now += stoodStillFor;
    int old = 0;
    for (int i = 0; i < 50; i++) {
      now += BEAT;
      old += age(now - stoodStillFor) > 500 ? 1 : 0;
    }
    assertThat(old).isBetween(5, 15);
  }

  @Test
  void aPeerIsNotInByBeatsThatHaveWaited() {
    Peer peer = new Peer("n-1");
    long sent = System.nanoTime();
    assertThat(peer.heard(beat(sent))).isTrue();
    assertThat(peer.heard(beat(sent))).as("no news").isFalse();
    peer.lost(Peer.State.SILENT);
    assertThat(peer.heard(beat(sent - TimeUnit.SECONDS.toNanos(4)))).isFalse();
    assertThat(peer.state()).isEqualTo(Peer.State.SILENT);
    assertThat(peer.silentFor()).isGreaterThan(TimeUnit.SECONDS.toNanos(3));
    assertThat(peer.heard(beat(System.nanoTime()))).isTrue();
    assertThat(peer.state()).isEqualTo(Peer.State.LIVE);
  }

  @Test
  void aBeatThatDoesNotSayWhenCountsFromNow() {
    Peer peer = new Peer("n-1");
    peer.lost(Peer.State.SILENT);
    assertThat(peer.heard(NodeBeat.newBuilder().setNodeId("n-1").build())).isTrue();
    assertThat(peer.state()).isEqualTo(Peer.State.LIVE);
  }

  private static NodeBeat beat(long sent) {
    return NodeBeat.newBuilder().setNodeId("n-1").setSentNanos(sent).build();
  }

  private static Offset<Long> within(long limit) {
    return Offset.offset(limit);
  }
}
