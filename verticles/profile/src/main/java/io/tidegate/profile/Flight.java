package io.tidegate.profile;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One question for one id that is under way, and everyone who waits for its answer, each on its own
 * context. Safe from any thread.
 */
final class Flight {
  private final String id;
  private final long asked;
  private final List<Waiter> waiters = new ArrayList<>(2); // guarded by this
  private Change heard = Change.NONE; // guarded by this
  private boolean landed; // guarded by this

  /**
   * @param asked now, by the cache's clock
   */
  Flight(String id, long asked) {
    this.id = id;
    this.asked = asked;
  }

  /** When it started. */
  long asked() {
    return asked;
  }

  String id() {
    return id;
  }

  /** The answer, on this context; null when the flight has landed and another has to be taken. */
  synchronized @Nullable Future<ProfileView> join(Context context) {
    if (landed) {
      return null;
    }
    Promise<ProfileView> promise = Promise.promise();
    waiters.add(new Waiter(context, promise));
    return promise.future();
  }

  /** Hears of a change that the answer may be too old to know of. */
  synchronized void hear(Change change) {
    heard = heard.and(change);
  }

  /** What was announced since it started. */
  synchronized Change heard() {
    return heard;
  }

  void land(ProfileView answer) {
    for (Waiter waiter : everyone()) {
      waiter.run(() -> waiter.promise.complete(answer));
    }
  }

  void fail(Throwable cause) {
    for (Waiter waiter : everyone()) {
      waiter.run(() -> waiter.promise.fail(cause));
    }
  }

  private synchronized List<Waiter> everyone() {
    landed = true;
    return waiters;
  }

  private record Waiter(Context context, Promise<ProfileView> promise) {
    void run(Runnable completion) {
      if (context == Vertx.currentContext()) {
        completion.run();
      } else {
        context.runOnContext(now -> completion.run());
      }
    }
  }
}
