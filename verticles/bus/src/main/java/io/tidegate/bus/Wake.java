package io.tidegate.bus;

/**
 * Whether this node has been awake lately. After a pause of its own (a stopped process, a long
 * collection) the others' beats wait to be read, and it is not they who were silent. Confined to
 * one event loop.
 */
final class Wake {
  private long lookedAt = System.nanoTime();
  private long lateUntil = System.nanoTime();

  /** To be called at every beat. */
  boolean looks() {
    long now = System.nanoTime();
    if (now - lookedAt > Peers.PROMPT.toNanos()) {
      lateUntil = now + Peers.PROMPT.toNanos();
    }
    lookedAt = now;
    return now - lateUntil >= 0;
  }
}
