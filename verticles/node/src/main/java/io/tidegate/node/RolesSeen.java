package io.tidegate.node;

import io.tidegate.bus.Peers;
import io.tidegate.platform.Readiness;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A front door's readiness check: every role that it calls is hosted somewhere. It looks until all
 * have been seen once. After that a role that nobody hosts any more fails the requests that need
 * it, and only those: if all front doors went unready for one role, nobody would be served at all.
 */
final class RolesSeen implements Supplier<String> {
  private final Peers peers;
  private final Set<Role> missing = EnumSet.noneOf(Role.class);

  RolesSeen(Peers peers, Set<Role> hostedHere) {
    this.peers = peers;
    Stream.of(Role.INGESTION, Role.ROUTING, Role.RATELIMIT, Role.PROFILE)
        .filter(role -> !hostedHere.contains(role))
        .forEach(missing::add);
  }

  @Override
  public synchronized String get() {
    missing.removeIf(role -> peers.live(role.word()) > 0);
    List<String> words = missing.stream().map(Role::word).toList();
    return words.isEmpty() ? Readiness.OK : "no node hosts " + String.join(", ", words) + " yet";
  }
}
