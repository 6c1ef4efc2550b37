package io.tidegate.bus;

import org.jspecify.annotations.Nullable;

/**
 * Whom a call goes to: this node, another one, or nobody.
 *
 * @param peer null for this node
 * @param able whether it is worth asking
 * @param why the failure when it is nobody; null otherwise
 */
record Target(@Nullable Peer peer, boolean able, @Nullable Failure why) {
  static final Target HERE = new Target(null, true, null);
  static final Target NOBODY = new Target(null, false, Failure.ROLE_UNAVAILABLE);
  static final Target ALL_BUSY = new Target(null, false, Failure.OVERLOADED);

  static Target of(Peer peer) {
    return new Target(peer, true, null);
  }

  /** For metrics: the peer's name, {@code here} or {@code nobody}. */
  String name() {
    return peer != null ? peer.name() : able ? "here" : "nobody";
  }
}
