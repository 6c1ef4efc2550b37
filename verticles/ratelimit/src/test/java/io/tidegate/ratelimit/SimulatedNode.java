package io.tidegate.ratelimit;

import static io.tidegate.ratelimit.SimulatedCluster.MS;
import static io.tidegate.ratelimit.SimulatedCluster.SECOND;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidegate.bus.Failure;
import io.tidegate.bus.Trace;
import io.tidegate.proto.ratelimit.LeaseReply;
import io.tidegate.proto.ratelimit.LeaseRequest;
import io.tidegate.ratelimit.Ledger.Withdrawal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A node with a near and a far side, that can be killed, paused and cut off. It hears the others by
 * beats and asks them as the bus does: its own far side first when that is able, else another that
 * is, and one more when the first can't answer.
 */
final class SimulatedNode {
  private static final long BEAT = 100 * MS;
  private static final long PROMPT = 500 * MS;
  private static final long SILENT = 3 * SECOND;
  private static final long PROBE = 250 * MS;
  private static final long REDIS_DEADLINE = 250 * MS;
  private static final long ASK_DEADLINE = 500 * MS;
  private static final int BACKLOG = 1_000;

  private final SimulatedCluster cluster;
  private final int number;
  private final double drift;
  private final Map<SimulatedNode, Heard> heard = new HashMap<>();
  private int life;
  private boolean alive;
  private long pausedUntil;
  private int backlog;
  private RateLimits limits;
  private RateLimiter nearSide;
  private FarSide farSide;
  boolean cutFromRedis;
  boolean cutFromPeers;

  private record Heard(long at, boolean able) {}

  SimulatedNode(SimulatedCluster cluster, int number) {
    this.cluster = cluster;
    this.number = number;
    this.drift = 1 + (cluster.random.nextDouble() - 0.5) / 100;
    fresh();
  }

  private void fresh() {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    limits =
        new RateLimits(
            cluster.config,
            SomeLimits.neighbours(this::nearSides, this::reach, this::mayReach),
            this::clock,
            meters);
    farSide = new FarSide(this::take, limits, this::clock, meters);
    nearSide = new RateLimiter(this::ask, limits, this::clock, meters);
    heard.clear();
  }

  void starts() {
    if (alive) {
      return;
    }
    life++;
    alive = true;
    if (life > 1) {
      fresh();
    }
    if (redisAnswers()) {
      farSide.begins();
    } else {
      farSide.loses("not there at the start");
    }
    probe();
    beat(0);
  }

  void dies() {
    alive = false;
    life++;
  }

  void pauses(long nanos) {
    pausedUntil = Math.max(pausedUntil, cluster.now() + nanos);
  }

  boolean paused() {
    return cluster.now() < pausedUntil;
  }

  void request(Caller caller, Trace trace) {
    if (!alive || (paused() && backlog >= BACKLOG)) {
      return;
    }
    backlog++;
    here(
        () -> {
          backlog--;
          int mine = life;
          nearSide
              .acquire(caller, trace)
              .onSuccess(
                  decision -> {
                    if (decision.allowed() && mine == life) {
                      cluster.admits();
                    }
                  });
        });
  }

  private long clock() {
    return (long) ((double) cluster.now() * drift);
  }

  /** Runs on this node's event loop: at once, or when it is resumed; not any more once it died. */
  private void here(Runnable work) {
    int mine = life;
    if (paused()) {
      cluster.at(
          pausedUntil + cluster.random.nextLong(MS),
          () -> {
            if (mine == life) {
              here(work);
            }
          });
    } else {
      work.run();
    }
  }

  private void later(long nanos, Runnable work) {
    int mine = life;
    cluster.at(
        cluster.now() + nanos,
        () -> {
          if (mine == life) {
            here(work);
          }
        });
  }

  // --- Redis

  private boolean redisAnswers() {
    return !cutFromRedis && !cluster.ledgerDown;
  }

  private <T> Future<T> redis(Supplier<T> command) {
    Promise<T> answer = Promise.promise();
    later(REDIS_DEADLINE, () -> answer.tryFail(Failure.STORE_UNAVAILABLE.because("no answer")));
    if (redisAnswers()) {
      int mine = life;
      cluster.at(
          cluster.now() + cluster.delay(),
          () -> {
            if (redisAnswers()) {
              T result = command.get();
              cluster.at(
                  cluster.now() + cluster.delay(),
                  () -> {
                    if (mine == life && redisAnswers()) {
                      here(() -> answer.tryComplete(result));
                    }
                  });
            }
          });
    }
    return answer.future();
  }

  private Future<List<Grant>> take(List<Withdrawal> withdrawals) {
    return redis(
        () -> {
          cluster.ledgerCalls++;
          return withdrawals.stream().map(cluster.ledger::take).toList();
        });
  }

  private void probe() {
    later(PROBE, this::probe);
    limits.nodes();
    farSide.looksAround();
    redis(() -> cluster.now() / 1_000)
        .onSuccess(farSide::reaches)
        .onFailure(cause -> farSide.loses(String.valueOf(cause.getMessage())));
  }

  // --- the bus

  private boolean hears(SimulatedNode peer) {
    return !cutFromPeers && !peer.cutFromPeers;
  }

  private Future<LeaseReply> ask(LeaseRequest request, Trace trace) {
    SimulatedNode first = farSide.able() ? this : another(this);
    SimulatedNode asked = first == null ? this : first;
    return askOf(asked, request)
        .recover(
            cause -> {
              SimulatedNode second = another(asked);
              return second == null ? Future.failedFuture(cause) : askOf(second, request);
            });
  }

  /** Another that says it is able; this node itself when another one failed. */
  private @Nullable SimulatedNode another(SimulatedNode failed) {
    if (failed != this && farSide.able()) {
      return this;
    }
    for (SimulatedNode peer : cluster.nodes) {
      Heard last = heard.get(peer);
      if (peer != this
          && peer != failed
          && peer.alive
          && last != null
          && last.able
          && cluster.now() - last.at < SILENT) {
        return peer;
      }
    }
    return null;
  }

  private Future<LeaseReply> askOf(SimulatedNode peer, LeaseRequest request) {
    if (peer == this) {
      return farSide.lease(request);
    }
    Promise<LeaseReply> answer = Promise.promise();
    later(ASK_DEADLINE, () -> answer.tryFail(Failure.BUS_TIMEOUT.because("no answer")));
    int mine = life;
    send(
        peer,
        () ->
            peer.farSide
                .lease(request)
                .onComplete(
                    reply -> {
                      if (mine == life) {
                        peer.send(
                            this,
                            () -> {
                              if (reply.succeeded()) {
                                answer.tryComplete(reply.result());
                              } else {
                                answer.tryFail(reply.cause());
                              }
                            });
                      }
                    }));
    return answer.future();
  }

  private void send(SimulatedNode peer, Runnable work) {
    int its = peer.life;
    if (hears(peer)) {
      cluster.at(
          cluster.now() + cluster.delay(),
          () -> {
            if (its == peer.life && peer.alive && hears(peer)) {
              peer.here(work);
            }
          });
    }
  }

  // --- the beats

  private void beat(int count) {
    later(BEAT, () -> beat(count + 1));
    boolean able = farSide.able();
    for (SimulatedNode peer : cluster.nodes) {
      if (peer != this) {
        boolean withStatus = count % 10 == 0;
        send(
            peer,
            () ->
                peer.heard.compute(
                    this,
                    (self, last) ->
                        withStatus
                            ? new Heard(cluster.now(), able)
                            : last == null ? null : new Heard(cluster.now(), last.able)));
      }
    }
  }

  private int nearSides() {
    int count = 1;
    for (Map.Entry<SimulatedNode, Heard> each : heard.entrySet()) {
      count += each.getKey().alive && cluster.now() - each.getValue().at < SILENT ? 1 : 0;
    }
    return count;
  }

  private boolean reach() {
    for (Map.Entry<SimulatedNode, Heard> each : heard.entrySet()) {
      if (each.getKey().alive
          && each.getValue().able
          && cluster.now() - each.getValue().at < SILENT) {
        return true;
      }
    }
    return false;
  }

  /** Dead ones refuse connections; all others may, unless they said just now that they do not. */
  private boolean mayReach() {
    for (SimulatedNode peer : cluster.nodes) {
      Heard last = heard.get(peer);
      if (peer != this
          && (peer.alive || !hears(peer))
          && (last == null || last.able || cluster.now() - last.at > PROMPT)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return "node " + number;
  }
}
