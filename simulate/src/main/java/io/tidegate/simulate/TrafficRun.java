package io.tidegate.simulate;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Traffic with its progress shown while it runs and its table printed when it ends. */
final class TrafficRun {
  private static final Duration LOOK_EVERY = Duration.ofMillis(200);

  private TrafficRun() {}

  /** Runs it to its end; the exit code is 0 when every answer was one that a client expects. */
  static int run(Traffic traffic, Tally tally, Terminal terminal) throws InterruptedException {
    var ended = new CountDownLatch(1);
    long began = System.nanoTime();
    try (var progress = new Progress(terminal, "simulate", "requests", traffic.total())) {
      traffic.run().onComplete(result -> ended.countDown());
      while (!ended.await(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
        progress.update(traffic.sent(), ", " + traffic.failed() + " errors");
      }
      progress.update(traffic.sent(), ", " + traffic.failed() + " errors");
    }
    return report(traffic, tally, terminal, (System.nanoTime() - began) / 1e9);
  }

  private static int report(Traffic traffic, Tally tally, Terminal terminal, double seconds) {
    var out = terminal.out();
    tally.print(out);
    long unanswered = traffic.sent() - tally.count();
    if (unanswered > 0) {
      out.println("unanswered: " + unanswered);
    }
    if (traffic.unsent() > 0) {
      out.println("never sent: " + traffic.unsent() + " (too many were waiting for an answer)");
    }
    out.printf(
        Locale.ROOT,
        "%,d answered in %s s: %s/s (asked for: %s/s)%n",
        tally.count(),
        Terminal.number(seconds),
        Terminal.number(tally.count() / seconds),
        Terminal.number(traffic.rate()));
    return tally.failed() + unanswered + traffic.unsent() == 0 ? 0 : 1;
  }
}
