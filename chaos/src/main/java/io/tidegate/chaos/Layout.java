package io.tidegate.chaos;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Which node hosts which roles. */
enum Layout {
  /** Every role on every node. */
  ALL(3),
  /** The front doors on the first half of the nodes, everything else on the second. */
  APART(4),
  /** One role each. */
  SINGLE_ROLES(6);

  static final List<String> ROLES =
      List.of("edge", "ingestion", "projection", "routing", "ratelimit", "profile");

  private final int nodes;

  Layout(int nodes) {
    this.nodes = nodes;
  }

  /** How many nodes there are unless said otherwise. */
  int defaultNodes() {
    return nodes;
  }

  /** What a node hosts; nodes count from 1. */
  List<String> roles(int node, int of) {
    return switch (this) {
      case ALL -> ROLES;
      case APART -> node <= of / 2 ? List.of("edge") : ROLES.subList(1, ROLES.size());
      case SINGLE_ROLES -> List.of(ROLES.get((node - 1) % ROLES.size()));
    };
  }

  /** The roles that nobody hosts while these nodes are away. */
  Set<String> onlyOn(Set<Integer> nodes, int of) {
    Set<String> gone = new LinkedHashSet<>(ROLES);
    for (int node = 1; node <= of; node++) {
      if (!nodes.contains(node)) {
        gone.removeAll(roles(node, of));
      }
    }
    return gone;
  }

  /** What a node is called in the names of faults. */
  String nameOf(int node, int of) {
    return switch (this) {
      case ALL -> "node-" + node;
      case APART -> (node <= of / 2 ? "edge-" : "worker-") + node;
      case SINGLE_ROLES -> roles(node, of).getFirst() + (of > ROLES.size() ? "-" + node : "");
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
