package io.tidegate.ingestion;

import io.tidegate.proto.ingestion.AppendRequest;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One call's events on their way to Kafka. Done once, when the last of them is acknowledged or
 * given up.
 */
final class Append {
  /** What an event takes beside its bytes: headers, and the objects that hold it. */
  private static final int OVERHEAD = 512;

  final AppendRequest request;
  final long bytes;
  final long admittedNs = System.nanoTime();
  private final AtomicInteger left;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private final BiConsumer<Append, @Nullable Exception> done;

  /**
   * @param done gets the first failure, or null; on any thread
   */
  Append(AppendRequest request, BiConsumer<Append, @Nullable Exception> done) {
    this.request = request;
    this.bytes = request.getSerializedSize() + (long) OVERHEAD * request.getEventsCount();
    this.left = new AtomicInteger(request.getEventsCount());
    this.done = done;
  }

  void acknowledged(@Nullable Exception failed) {
    settle(1, failed);
  }

  /** Gives up the last so many events, which were not handed to the producer. */
  void abandon(int events, Exception why) {
    settle(events, why);
  }

  boolean hasFailed() {
    return failure.get() != null;
  }

  private void settle(int events, @Nullable Exception failed) {
    if (failed != null) {
      failure.compareAndSet(null, failed);
    }
    if (left.addAndGet(-events) == 0) {
      done.accept(this, failure.get());
    }
  }
}
