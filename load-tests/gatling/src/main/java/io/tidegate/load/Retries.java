package io.tidegate.load;

import static io.gatling.javaapi.core.CoreDsl.doIf;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.tryMax;

import io.gatling.javaapi.core.ChainBuilder;
import java.time.Duration;

/**
 * A client's way with a request that got no good answer: the same again, after a pause that doubles
 * each time; after some tries the session is failed.
 */
final class Retries {
  /** In the session: how many tries of the request failed so far. */
  static final String TRY = "try";

  private Retries() {}

  /**
   * A request with its retries.
   *
   * @param tries at most, the first included
   * @param first the pause before the second
   */
  static ChainBuilder around(ChainBuilder request, int tries, Duration first) {
    return tryMax(tries, TRY)
        .on(
            doIf(session -> session.getInt(TRY) > 0)
                .then(pause(session -> first.multipliedBy(1L << (session.getInt(TRY) - 1)))),
            exec(request));
  }
}
