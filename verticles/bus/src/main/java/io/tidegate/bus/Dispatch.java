package io.tidegate.bus;

import io.tidegate.bus.Channel.Call;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Chooses whom a call goes to. Safe from any thread. */
final class Dispatch {
  /** What this node serves. */
  private record Served(int handlers, BooleanSupplier able) {}

  private final Peers peers;
  private final Map<String, Served> servedHere = new ConcurrentHashMap<>();

  Dispatch(Peers peers) {
    this.peers = peers;
  }

  /**
   * Whom to ask: able before unable, here before elsewhere, prompt before late, idle before busy.
   *
   * @param failed this one could not answer: only one that is able comes after it
   */
  Target choose(Call<?, ?> channel, @Nullable Target failed) {
    Served here = servedHere.get(channel.address());
    boolean local = here != null && (failed == null || failed.peer() != null);
    if (here != null && local && (peers.isAlone() || here.able().getAsBoolean())) {
      return Target.HERE;
    }
    String role = channel.role();
    Peer best = null;
    boolean full = false;
    for (Peer peer : peers.all()) {
      if (peer.answers() && peer.hosts(role) && (failed == null || failed.peer() != peer)) {
        if (peer.underWay() >= channel.maxInFlightToPeer()) {
          full = true;
        } else if (best == null || before(peer, best, role)) {
          best = peer;
        }
      }
    }
    if (best != null && (best.able(role) || (failed == null && !local))) {
      return Target.of(best);
    }
    if (local && failed == null) {
      return Target.HERE;
    }
    return full ? Target.ALL_BUSY : Target.NOBODY;
  }

  private static boolean before(Peer one, Peer other, String role) {
    if (one.able(role) != other.able(role)) {
      return one.able(role);
    }
    if (one.prompt(Peers.PROMPT) != other.prompt(Peers.PROMPT)) {
      return one.prompt(Peers.PROMPT);
    }
    return one.underWay() < other.underWay();
  }

  /** Whether another node may well answer what one could not. */
  static boolean mayAnswerElsewhere(Failure failure) {
    return switch (failure) {
      case ROLE_UNAVAILABLE,
          BUS_TIMEOUT,
          OVERLOADED,
          DRAINING,
          STORE_UNAVAILABLE,
          LOG_UNAVAILABLE ->
          true;
      default -> false;
    };
  }

  void serves(Call<?, ?> channel, BooleanSupplier able) {
    servedHere.compute(
        channel.address(),
        (address, before) -> new Served(before == null ? 1 : before.handlers() + 1, able));
  }

  void servesNoMore(Call<?, ?> channel) {
    servedHere.computeIfPresent(
        channel.address(),
        (address, before) ->
            before.handlers() == 1 ? null : new Served(before.handlers() - 1, before.able()));
  }

  /** The roles this node serves whose dependencies it reaches now. */
  Set<String> ableRoles() {
    Set<String> able = new TreeSet<>();
    Set<String> unable = new HashSet<>();
    for (Channel channel : BusMap.CHANNELS) {
      Served here = servedHere.get(channel.address());
      if (here != null) {
        (here.able().getAsBoolean() ? able : unable).add(channel.role());
      }
    }
    able.removeAll(unable);
    return able;
  }
}
