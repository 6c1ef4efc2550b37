package io.tidegate.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bus.Channel.Call;
import io.tidegate.proto.cluster.NodeBeat;
import io.tidegate.proto.cluster.Snapshot;
import io.tidegate.proto.cluster.SnapshotRequest;
import io.tidegate.proto.profile.FindReply;
import io.tidegate.proto.profile.FindRequest;
import io.tidegate.proto.profile.ProfileChange;
import io.tidegate.proto.profile.ProfilesChanged;
import io.tidegate.proto.ratelimit.LeaseReply;
import io.tidegate.proto.ratelimit.LeaseRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BusTest {
  private static final Trace TRACE =
      new Trace("r-1", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

  private final Vertx vertx = Vertx.vertx();
  private Bus bus;

  @BeforeEach
  void make() {
    bus = new Bus(vertx);
  }

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  @Test
  void callReachesTheFarSideWithItsTraceAndTheSameObject() throws Exception {
    AtomicReference<FindRequest> received = new AtomicReference<>();
    AtomicReference<Trace> traced = new AtomicReference<>();
    FindReply reply = FindReply.newBuilder().build();
    get(
        bus.serve(
            BusMap.PROFILE_FIND,
            (request, trace) -> {
              received.set(request);
              traced.set(trace);
              return Future.succeededFuture(reply);
            }));
    FindRequest request = FindRequest.newBuilder().addIds("7").build();
    assertThat(get(bus.call(BusMap.PROFILE_FIND, request, TRACE))).isSameAs(reply);
    assertThat(received.get()).isSameAs(request);
    assertThat(traced.get()).isEqualTo(TRACE);
    assertThat(bus.inFlight(BusMap.PROFILE_FIND)).isZero();
  }

  @Test
  void expectedFailureCrossesWithCodeAndWords() throws Exception {
    get(
        bus.serve(
            BusMap.PROFILE_FIND,
            (request, trace) ->
                Future.failedFuture(Failure.STORE_UNAVAILABLE.because("no Postgres"))));
    FailureException failure =
        failure(bus.call(BusMap.PROFILE_FIND, FindRequest.getDefaultInstance(), TRACE));
    assertThat(failure.failure()).isEqualTo(Failure.STORE_UNAVAILABLE);
    assertThat(failure).hasMessage("no Postgres");
    assertThat(failure.getStackTrace()).isEmpty();
  }

  @Test
  void whatTheFarSideThrowsIsInternalAndDoesNotHang() throws Exception {
    get(
        bus.serve(
            BusMap.PROFILE_FIND,
            (request, trace) -> {
              throw new IllegalStateException("bug");
            }));
    assertThat(
            failure(bus.call(BusMap.PROFILE_FIND, FindRequest.getDefaultInstance(), TRACE))
                .failure())
        .isEqualTo(Failure.INTERNAL);
  }

  @Test
  void everyCallsEndIsObserved() throws Exception {
    List<String> ends = new java.util.concurrent.CopyOnWriteArrayList<>();
    Vertx other = Vertx.vertx();
    try {
      Bus watched =
          new Bus(
              other,
              Peers.alone(),
              (channel, node, nanos, failure) -> ends.add(channel.address() + " " + failure));
      failure(watched.call(BusMap.PROFILE_FIND, FindRequest.getDefaultInstance(), Trace.NONE));
      get(
          watched.serve(
              BusMap.PROFILE_FIND,
              (request, trace) -> Future.succeededFuture(FindReply.getDefaultInstance())));
      get(watched.call(BusMap.PROFILE_FIND, FindRequest.getDefaultInstance(), Trace.NONE));
    } finally {
      get(other.close());
    }
    assertThat(ends).containsExactly("profile.find ROLE_UNAVAILABLE", "profile.find null");
  }

  @Test
  void nobodyThereIsRoleUnavailable() {
    FailureException failure =
        failure(bus.call(BusMap.RATELIMIT_LEASE, LeaseRequest.getDefaultInstance(), Trace.NONE));
    assertThat(failure.failure()).isEqualTo(Failure.ROLE_UNAVAILABLE);
    assertThat(failure).hasMessage("no node serves ratelimit.lease");
  }

  @Test
  void silenceIsATimeoutAndALateAnswerHarmsNothing() throws Exception {
    Promise<LeaseReply> late = Promise.promise();
    get(bus.serve(BusMap.RATELIMIT_LEASE, (request, trace) -> late.future()));
    assertThat(
            failure(bus.call(BusMap.RATELIMIT_LEASE, LeaseRequest.getDefaultInstance(), Trace.NONE))
                .failure())
        .isEqualTo(Failure.BUS_TIMEOUT);
    late.complete(LeaseReply.getDefaultInstance());
    assertThat(bus.inFlight(BusMap.RATELIMIT_LEASE)).isZero();
  }

  @Test
  void callsUnderWayAreBounded() throws Exception {
    Call<SnapshotRequest, Snapshot> channel = BusMap.ROUTING_SNAPSHOT;
    Promise<Snapshot> held = Promise.promise();
    get(bus.serve(channel, (request, trace) -> held.future()));
    List<Future<Snapshot>> calls = new ArrayList<>();
    for (int i = 0; i < channel.maxInFlight(); i++) {
      calls.add(bus.call(channel, SnapshotRequest.getDefaultInstance(), Trace.NONE));
    }
    FailureException refused =
        failure(bus.call(channel, SnapshotRequest.getDefaultInstance(), Trace.NONE));
    assertThat(refused.failure()).isEqualTo(Failure.OVERLOADED);
    held.complete(Snapshot.getDefaultInstance());
    get(Future.all(calls));
    get(bus.call(channel, SnapshotRequest.getDefaultInstance(), Trace.NONE));
  }

  @Test
  void afterUnservingNobodyIsThere() throws Exception {
    Bus.Registration registration =
        get(
            bus.serve(
                BusMap.PROFILE_FIND,
                (request, trace) -> Future.succeededFuture(FindReply.getDefaultInstance())));
    get(registration.remove());
    assertThat(
            failure(bus.call(BusMap.PROFILE_FIND, FindRequest.getDefaultInstance(), TRACE))
                .failure())
        .isEqualTo(Failure.ROLE_UNAVAILABLE);
  }

  @Test
  void newsReachesEveryListener() throws Exception {
    CompletableFuture<ProfilesChanged> first = new CompletableFuture<>();
    CompletableFuture<ProfilesChanged> second = new CompletableFuture<>();
    get(bus.subscribe(BusMap.PROFILE_CHANGED, first::complete));
    get(bus.subscribe(BusMap.PROFILE_CHANGED, second::complete));
    ProfilesChanged news =
        ProfilesChanged.newBuilder()
            .addChanges(ProfileChange.newBuilder().setId("7").setVersion(3))
            .build();
    bus.publish(BusMap.PROFILE_CHANGED, news);
    assertThat(first.get(5, TimeUnit.SECONDS)).isSameAs(news);
    assertThat(second.get(5, TimeUnit.SECONDS)).isSameAs(news);
  }

  @Test
  void channelOutsideTheMapIsRefused() {
    Call<FindRequest, FindReply> stray =
        new Call<>(
            "stray.call",
            FindRequest.getDefaultInstance(),
            FindReply.getDefaultInstance(),
            java.time.Duration.ofSeconds(1),
            1,
            true,
            "");
    org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
        .isThrownBy(() -> bus.call(stray, FindRequest.getDefaultInstance(), Trace.NONE))
        .withMessage("channel: stray.call (expected: a call that BusMap.CHANNELS lists)");
  }

  @Test
  void wireRoundTripKeepsTheMessage() {
    ProtoCodec<NodeBeat> codec = new ProtoCodec<>(NodeBeat.getDefaultInstance());
    NodeBeat beat = NodeBeat.newBuilder().setNodeId("n-1").build();
    Buffer wire = Buffer.buffer("head");
    codec.encodeToWire(wire, beat);
    wire.appendString("tail");
    assertThat(codec.decodeFromWire(4, wire)).isEqualTo(beat);
    assertThat(codec.transform(beat)).isSameAs(beat);
  }

  @Test
  void brokenWireIsAFailureNotACrash() {
    ProtoCodec<NodeBeat> codec = new ProtoCodec<>(NodeBeat.getDefaultInstance());
    Buffer wire =
        Buffer.buffer()
            .appendInt(3)
            .appendBytes(new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff});
    org.assertj.core.api.Assertions.assertThatExceptionOfType(FailureException.class)
        .isThrownBy(() -> codec.decodeFromWire(0, wire))
        .withMessageContaining("tidegate.cluster.v1.NodeBeat");
  }

  @Test
  void aLoneNodeCountsOne() throws Exception {
    Peers peers = Peers.alone();
    get(vertx.deployVerticle(peers));
    assertThat(peers.live()).isEqualTo(1);
    assertThat(peers.silent()).isZero();
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private static FailureException failure(Future<?> future) {
    try {
      get(future);
      throw new AssertionError("expected a failure");
    } catch (ExecutionException e) {
      return (FailureException) e.getCause();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
