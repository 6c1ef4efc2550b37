package io.tidegate.chaos;

import java.util.List;
import java.util.Locale;

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

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
