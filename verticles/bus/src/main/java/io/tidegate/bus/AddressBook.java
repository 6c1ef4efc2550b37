package io.tidegate.bus;

import io.tidegate.proto.cluster.NodePlace;
import org.jspecify.annotations.Nullable;

/** Where nodes' buses listen; the bus sends to no node that is not in it. Safe from any thread. */
public interface AddressBook {
  /** That of a node, this one included; null when it is not known. */
  @Nullable NodePlace find(String node);

  /** Takes up a node that another one told of; of one that is known nothing changes. */
  void learn(NodePlace place);
}
