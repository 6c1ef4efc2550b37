package io.tidegate.bus;

/**
 * When a peer's beats were sent, by this node's clock. Beats that waited, while this node was
 * paused or the network stood still, are as old as that, however late they are read. Confined to
 * one event loop.
 *
 * <p>The two clocks have nothing in common but their pace. What lies between them is the least that
 * has been seen between sending and reading, so the quickest beat counts as one that took no time.
 */
final class SentAt {
  /** How far apart two clocks may drift in a second: twice of what a clock is ever slewed by. */
  private static final double DRIFT = 0.001;

  private static final long LATE = Peers.PROMPT.toNanos();

  /** What waited is read in a rush; beats that come one by one did not wait. */
  private static final long PACE = Peers.BEAT.toNanos() / 2;

  /** So many late ones at their own pace in a row: it is the sender's clock that stood still. */
  private static final int SURE = 10;

  private boolean any;
  private long apart;
  private long readBefore;
  private int lateAtPace;

  /**
   * The time of one beat.
   *
   * @param read {@link System#nanoTime} here
   * @param sent the same there
   * @return never later than read
   */
  long of(long read, long sent) {
    long since = read - readBefore;
    readBefore = read;
    if (!any) {
      any = true;
      apart = read - sent;
      return read;
    }
    apart = Math.min(read - sent, apart + (long) (since * DRIFT));
    boolean late = read - sent - apart > LATE;
    lateAtPace = late && since >= PACE ? lateAtPace + 1 : 0;
    if (lateAtPace == SURE) {
      lateAtPace = 0;
      apart = read - sent;
    }
    return sent + apart;
  }
}
