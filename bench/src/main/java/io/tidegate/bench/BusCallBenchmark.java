package io.tidegate.bench;

import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.CallObserver;
import io.tidegate.bus.FailureException;
import io.tidegate.bus.Peers;
import io.tidegate.bus.Trace;
import io.tidegate.cluster.BusOptions;
import io.tidegate.cluster.ClusterConfig;
import io.tidegate.cluster.Membership;
import io.tidegate.platform.ConfigLoader;
import io.tidegate.proto.cluster.NodeStatus;
import io.tidegate.proto.profile.FindReply;
import io.tidegate.proto.profile.FindRequest;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A call and its answer over the bus with 64 calls under way: to a far side on the same event loop,
 * and to one on another node of a cluster, which for this is in the same JVM with a bus of its own
 * and TCP between.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BusCallBenchmark {
  private static final int CALLS = 1_000;
  private static final int IN_FLIGHT = 64;
  private static final long LIMIT_SECONDS = 20;
  private static final FindRequest REQUEST = FindRequest.newBuilder().addIds("bench-1").build();

  @Param({"near", "far"})
  private String where = "near";

  private final List<Vertx> all = new ArrayList<>();
  private @Nullable Bus bus;
  private @Nullable Context context;

  /** One node or two. */
  @Setup
  public void prepare() throws IOException, InterruptedException, TimeoutException {
    Bus asking;
    if (where.equals("near")) {
      Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
      all.add(vertx);
      asking = new Bus(vertx);
      serve(asking);
    } else {
      int first = freePort();
      int second = freePort();
      serve(member("far", first, second));
      asking = member("near", second, first);
    }
    bus = asking;
    context = all.getLast().getOrCreateContext();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (!answers(asking)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("nobody answers");
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private static void serve(Bus serving) throws TimeoutException {
    FindReply reply = FindReply.getDefaultInstance();
    var unused =
        serving
            .serve(BusMap.PROFILE_FIND, (request, trace) -> Future.succeededFuture(reply))
            .await(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  private static boolean answers(Bus asking) {
    try {
      var unused =
          asking
              .call(BusMap.PROFILE_FIND, REQUEST, Trace.NONE)
              .await(LIMIT_SECONDS, TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException | FailureException e) {
      return false;
    }
  }

  private Bus member(String name, int own, int other) throws IOException, TimeoutException {
    Map<String, String> settings = new HashMap<>();
    settings.put("cluster.name", "bench-" + Math.min(own, other));
    settings.put("cluster.port", Integer.toString(own));
    settings.put("cluster.members", "127.0.0.1:" + own + ",127.0.0.1:" + other);
    ClusterConfig config = ConfigLoader.section(ClusterConfig.class, settings);
    int busPort = freePort();
    Membership membership = Membership.join(config, config.joinBy().orElseThrow(), name, busPort);
    VertxOptions options =
        new VertxOptions()
            .setEventLoopPoolSize(1)
            .setEventBusOptions(BusOptions.of(config, busPort));
    Vertx vertx =
        Vertx.builder()
            .with(options)
            .withClusterManager(membership)
            .buildClustered()
            .await(LIMIT_SECONDS, TimeUnit.SECONDS);
    all.add(vertx);
    Peers peers = membership.peers();
    Bus made = new Bus(vertx, peers, CallObserver.NONE);
    peers.tell(
        () ->
            NodeStatus.newBuilder()
                .setName(name)
                .addAllRoles(made.ableRoles())
                .addAllAble(made.ableRoles())
                .build());
    var unused = vertx.deployVerticle(peers).await(LIMIT_SECONDS, TimeUnit.SECONDS);
    return made;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Ends all nodes. */
  @TearDown
  public void close() throws TimeoutException {
    for (Vertx vertx : all) {
      var unused = vertx.close().await(LIMIT_SECONDS, TimeUnit.SECONDS);
    }
  }

  /** A call, as one of a thousand. */
  @Benchmark
  @OperationsPerInvocation(CALLS)
  public void call() throws InterruptedException {
    Bus asked = bus;
    Context loop = context;
    if (asked == null || loop == null) {
      throw new IllegalStateException("not prepared");
    }
    CountDownLatch done = new CountDownLatch(CALLS);
    Pump pump = new Pump(asked, done);
    loop.runOnContext(turn -> pump.begin());
    if (!done.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("calls without an answer: " + done.getCount());
    }
  }

  /** Asks again whenever it is answered. */
  private static final class Pump {
    private final Bus bus;
    private final CountDownLatch done;
    private int left = CALLS;

    Pump(Bus bus, CountDownLatch done) {
      this.bus = bus;
      this.done = done;
    }

    void begin() {
      for (int i = 0; i < IN_FLIGHT; i++) {
        next();
      }
    }

    private void next() {
      if (left == 0) {
        return;
      }
      left--;
      bus.call(BusMap.PROFILE_FIND, REQUEST, Trace.NONE)
          .onSuccess(
              reply -> {
                done.countDown();
                next();
              })
          .onFailure(
              failure -> {
                throw new IllegalStateException(failure);
              });
    }
  }
}
