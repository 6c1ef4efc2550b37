package io.tidegate.bus;

import io.tidegate.bus.Channel.Call;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * When a node that has not answered yet is given up on. Silence is told by its beats, but a short
 * call would be over before: so when half of its time has passed, another node is asked as well.
 * Where all are slow, that would double the load on what slows them; so it is done for a share of
 * the calls only, unless it is the node that is late and not what it depends on. Safe from any
 * thread.
 */
final class FailOvers {
  private static final double SHARE = 0.2;
  private static final int PER_SECOND = 10;

  /** A node that is heard so much less recently than another one is late itself. */
  private static final Duration BEATS_MISSED = Peers.BEAT.multipliedBy(3);

  private final Vertx vertx;
  private final Dispatch dispatch;
  private final CallObserver observer;
  private final Map<String, RetryBudget> budgets = new HashMap<>();

  FailOvers(Vertx vertx, Dispatch dispatch, CallObserver observer, LongSupplier nanoClock) {
    this.vertx = vertx;
    this.dispatch = dispatch;
    this.observer = observer;
    for (Channel channel : BusMap.CHANNELS) {
      budgets.put(channel.address(), new RetryBudget(SHARE, PER_SECOND, nanoClock));
    }
  }

  /**
   * An answer, or {@link Failure#BUS_TIMEOUT} ahead of it when another node had better be asked.
   *
   * @param asked whose answer it is
   */
  <R> Future<R> orLate(Call<?, ?> channel, Target asked, Future<R> answer) {
    if (answer.isComplete() || channel.timeLimit().compareTo(Peers.SILENT_AFTER) > 0) {
      return answer;
    }
    RetryBudget budget = Objects.requireNonNull(budgets.get(channel.address()));
    budget.request();
    Promise<R> early = Promise.promise();
    long timer =
        vertx.setTimer(
            Math.max(1, channel.timeLimit().dividedBy(2).toMillis()),
            half -> {
              Target other = dispatch.choose(channel, asked);
              if (!other.able()) {
                return;
              }
              if (isLate(asked, other) || budget.tryRetry()) {
                early.tryFail(
                    Failure.BUS_TIMEOUT.because(
                        "no answer on " + channel.address() + " in half of its time"));
              } else {
                observer.failOverRefused(channel);
              }
            });
    answer.onComplete(
        ended -> {
          vertx.cancelTimer(timer);
          if (ended.succeeded()) {
            early.tryComplete(ended.result());
          } else {
            early.tryFail(ended.cause());
          }
        });
    return early.future();
  }

  /** Whether a node missed beats while another one did not. */
  static boolean isLate(Target asked, Target other) {
    Peer peer = asked.peer();
    if (peer == null) {
      return false;
    }
    long others = other.peer() == null ? 0 : other.peer().silentFor();
    return peer.silentFor() - others > BEATS_MISSED.toNanos();
  }

  /** The first of two answers; when both fail, as the second one did. */
  static <R> Future<R> either(Future<R> one, Future<R> other) {
    if (one.failed()) {
      return other;
    }
    return Future.any(one, other).transform(any -> one.succeeded() ? one : other);
  }
}
