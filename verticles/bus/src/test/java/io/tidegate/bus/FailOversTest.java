package io.tidegate.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bus.Channel.Call;
import io.tidegate.proto.cluster.NodeBeat;
import io.tidegate.proto.cluster.NodeStatus;
import io.tidegate.proto.ratelimit.LeaseReply;
import io.tidegate.proto.ratelimit.LeaseRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When another node is asked beside one that is late. */
class FailOversTest {
  /** As {@link BusMap#RATELIMIT_LEASE}, with less patience. */
  private static final Call<LeaseRequest, LeaseReply> LEASE =
      new Call<>(
          BusMap.RATELIMIT_LEASE.address(),
          LeaseRequest.getDefaultInstance(),
          LeaseReply.getDefaultInstance(),
          Duration.ofMillis(20),
          100,
          true,
          "");

  private final Vertx vertx = Vertx.vertx();
  private final Peers peers = Peers.of("self", new KnownPlaces());
  private final Dispatch dispatch = new Dispatch(peers);
  private final AtomicInteger refused = new AtomicInteger();
  private final FailOvers failOvers =
      new FailOvers(
          vertx,
          dispatch,
          new CallObserver() {
            @Override
            public void ended(
                Call<?, ?> channel, String node, long nanos, @Nullable Failure failure) {}

            @Override
            public void failOverRefused(Call<?, ?> channel) {
              refused.incrementAndGet();
            }
          },
          () -> 0);

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void whereAllAreSlowOnlyAShareOfTheCallsIsAskedTwice() throws Exception {
    heard("other", 0);
    Target asked = Target.of(heard("asked", 0));
    List<Future<LeaseReply>> late = new ArrayList<>();
    List<Promise<LeaseReply>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Promise<LeaseReply> answer = Promise.promise();
      answers.add(answer);
      late.add(failOvers.orLate(LEASE, asked, answer.future()));
    }
    until(() -> refused.get() + late.stream().filter(Future::failed).count() == 100);
    // A fifth of 100, and 10 a second, of which there is one.
    assertThat(refused).hasValueBetween(69, 72);
    assertThat(late.stream().filter(Future::failed).map(each -> failure(each.cause())))
        .containsOnly(Failure.BUS_TIMEOUT);
    answers.forEach(answer -> answer.complete(LeaseReply.getDefaultInstance()));
    assertThat(late.stream().filter(Future::succeeded).count())
        .as("who waited on")
        .isEqualTo(refused.get());
  }

  @Test
  void aNodeThatIsLateItselfIsGivenUpOnByAll() throws Exception {
    Target asked = Target.of(heard("asked", 1_000));
    heard("other", 0);
    List<Future<LeaseReply>> late = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      late.add(failOvers.orLate(LEASE, asked, Promise.<LeaseReply>promise().future()));
    }
    until(() -> late.stream().allMatch(Future::failed));
    assertThat(refused).hasValue(0);
  }

  @Test
  void nobodyIsGivenUpOnWhereThereIsNoOther() throws Exception {
    Target asked = Target.of(heard("asked", 0));
    Promise<LeaseReply> answer = Promise.promise();
    Future<LeaseReply> late = failOvers.orLate(LEASE, asked, answer.future());
    Promise<Void> later = Promise.promise();
    vertx.setTimer(LEASE.timeLimit().toMillis(), timer -> later.complete());
    later.future().await(10, TimeUnit.SECONDS);
    assertThat(late.isComplete()).isFalse();
    answer.fail(Failure.STORE_UNAVAILABLE.because("no Redis"));
    assertThat(failure(late.cause())).isEqualTo(Failure.STORE_UNAVAILABLE);
    assertThat(refused).hasValue(0);
  }

  @Test
  void callsThatOutlastSilenceAreLeftToTheBeats() {
    heard("other", 0);
    Future<LeaseReply> answer = Promise.<LeaseReply>promise().future();
    assertThat(failOvers.orLate(BusMap.INGESTION_APPEND, Target.of(heard("asked", 0)), answer))
        .isSameAs(answer);
  }

  @Test
  void theFirstAnswerCountsWhoeverGivesIt() {
    Promise<String> one = Promise.promise();
    Promise<String> other = Promise.promise();
    Future<String> either = FailOvers.either(one.future(), other.future());
    other.fail("late too");
    assertThat(either.isComplete()).isFalse();
    one.complete("at last");
    assertThat(either.result()).isEqualTo("at last");

    Promise<String> never = Promise.promise();
    assertThat(FailOvers.either(never.future(), Future.succeededFuture("other")).result())
        .isEqualTo("other");
    assertThat(FailOvers.either(Future.failedFuture("one"), Future.failedFuture("two")).cause())
        .hasMessage("two");
    Promise<String> fails = Promise.promise();
    Future<String> both = FailOvers.either(fails.future(), Future.failedFuture("two"));
    fails.fail("one");
    assertThat(both.cause()).hasMessage("two");
  }

  /** A peer that leases, whose last beat is so old. */
  private Peer heard(String id, long agoMs) {
    peers.joined(id);
    long now = System.nanoTime();
    NodeStatus status =
        NodeStatus.newBuilder().setName(id).addRoles("ratelimit").addAble("ratelimit").build();
    NodeBeat.Builder beat = NodeBeat.newBuilder().setNodeId(id).setStatus(status);
    peers.heard(beat.setSentNanos(now).build());
    if (agoMs > 0) {
      peers.heard(beat.setSentNanos(now - TimeUnit.MILLISECONDS.toNanos(agoMs)).build());
    }
    Peer peer = peers.peer(id);
    assertThat(peer).isNotNull();
    return Objects.requireNonNull(peer);
  }

  private static Failure failure(Throwable cause) {
    return FailureException.of(cause).failure();
  }

  private static void until(BooleanSupplier holds) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!holds.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }
}
