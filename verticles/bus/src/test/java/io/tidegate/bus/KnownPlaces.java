package io.tidegate.bus;

import io.tidegate.proto.cluster.NodePlace;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An address book that nothing but beats fills. */
final class KnownPlaces implements AddressBook {
  private final Map<String, NodePlace> places = new HashMap<>();

  @Override
  public @Nullable NodePlace find(String node) {
    return places.get(node);
  }

  @Override
  public void learn(NodePlace place) {
    places.putIfAbsent(place.getNodeId(), place);
  }
}
