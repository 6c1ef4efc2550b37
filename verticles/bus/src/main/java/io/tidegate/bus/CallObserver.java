package io.tidegate.bus;

import io.tidegate.bus.Channel.Call;
import org.jspecify.annotations.Nullable;

/** Hears of calls' ends; for metrics. Must be quick and must not throw. */
public interface CallObserver {
  /** One that does not listen. */
  CallObserver NONE = (channel, node, nanos, failure) -> {};

  /**
   * A call to one node has ended.
   *
   * @param node {@code here}, the other node's name, or {@code nobody}
   * @param nanos from asking to the answer
   * @param failure null when it was answered
   */
  void ended(Call<?, ?> channel, String node, long nanos, @Nullable Failure failure);

  /**
   * What one node could not answer is asked of another.
   *
   * @param from as in {@link #ended}
   */
  default void failedOver(Call<?, ?> channel, String from, Failure failure) {}

  /** A call is late, and no other node is asked, since too many calls of the channel are late. */
  default void failOverRefused(Call<?, ?> channel) {}
}
