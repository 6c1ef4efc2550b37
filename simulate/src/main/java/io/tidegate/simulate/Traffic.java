package io.tidegate.simulate;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * An open loop: request i is due at start + i / rate, whatever became of those before, and its
 * latency counts from then. So a slow server can't slow the clock it is measured by. A bound on
 * requests in flight makes later ones wait, and their waiting counts too. Confined to one event
 * loop, apart from what is said to be for others.
 */
final class Traffic {
  private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long STOP_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int SENDS_A_TICK = 500;

  private final Context context;
  private final Api api;
  private final Supplier<Call> calls;
  private final Tally tally;
  private final StopSignal stop;
  private final double rate;
  private final long total;
  private final int maxInFlight;
  private final Promise<Void> ended = Promise.promise();

  private long start;
  private long hardEnd;
  private int inFlight;
  private boolean stopSeen;
  private boolean over;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();

  /**
   * @param rate requests a second
   * @param tally not to be read by others before the end
   */
  Traffic(
      Context context,
      Api api,
      Supplier<Call> calls,
      double rate,
      Duration duration,
      int maxInFlight,
      Tally tally,
      StopSignal stop) {
    this.context = context;
    this.api = api;
    this.calls = calls;
    this.rate = rate;
    this.total = Math.max(1, Math.round(rate * duration.toMillis() / 1_000));
    this.maxInFlight = maxInFlight;
    this.tally = tally;
    this.stop = stop;
  }

  /** How many requests it will send, if none is stopped. */
  long total() {
    return total;
  }

  double rate() {
    return rate;
  }

  /** Ends when everything due was answered, was given up on, or the stop signal was heeded. */
  Future<Void> run() {
    context.runOnContext(
        ignored -> {
          start = System.nanoTime();
          hardEnd = start + due(total) + DRAIN_NANOS;
          context.owner().setPeriodic(1, this::tick);
        });
    return ended.future();
  }

  /** For any thread. */
  long sent() {
    return sent.get();
  }

  /** Unexpected answers so far; for any thread. */
  long failed() {
    return failed.get();
  }

  /**
   * Requests that were due but never went out, since too many before them hung; 0 after a stop
   * signal.
   */
  long unsent() {
    return stop.isGiven() ? 0 : total - sent.get();
  }

  private long due(long request) {
    return (long) (request * 1e9 / rate);
  }

  private void tick(long timer) {
    long now = System.nanoTime();
    if (stop.isGiven() && !stopSeen) {
      stopSeen = true;
      hardEnd = now + STOP_NANOS;
    }
    if (now - hardEnd >= 0 || (inFlight == 0 && (stopSeen || sent.get() == total))) {
      over = true;
      context.owner().cancelTimer(timer);
      ended.complete();
      return;
    }
    for (int i = 0;
        i < SENDS_A_TICK && !stopSeen && sent.get() < total && inFlight < maxInFlight;
        i++) {
      long due = start + due(sent.get());
      if (due - now > 0) {
        return;
      }
      send(due);
    }
  }

  private void send(long due) {
    Call call = calls.get();
    sent.incrementAndGet();
    inFlight++;
    api.send(call)
        .onSuccess(
            answer -> {
              inFlight--;
              if (!over) {
                tally.record(call, answer, Duration.ofNanos(System.nanoTime() - due));
                failed.set(tally.failed());
              }
            });
  }
}
