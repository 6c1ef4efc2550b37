package io.tidegate.routing;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.bus.RetryBudget;
import io.tidegate.routing.RoutesYaml.UpstreamYaml;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Servers that do the same: whom to ask next, and the connections to them. Safe from any thread.
 */
final class Upstream {
  /** An endpoint and the breaker's permit to ask it. */
  record Choice(Endpoint endpoint, long permit) {}

  private final String name;
  private final UpstreamYaml settings;
  private final List<Endpoint> endpoints;
  private final Connections connections;
  private final RetryBudget budget;
  private final UpstreamMeters meters;

  Upstream(
      String name,
      UpstreamYaml settings,
      List<Endpoint> endpoints,
      Connections connections,
      RetryBudget budget,
      UpstreamMeters meters) {
    this.name = name;
    this.settings = settings;
    this.endpoints = List.copyOf(endpoints);
    this.connections = connections;
    this.budget = budget;
    this.meters = meters;
  }

  String name() {
    return name;
  }

  UpstreamYaml settings() {
    return settings;
  }

  List<Endpoint> endpoints() {
    return endpoints;
  }

  Connections connections() {
    return connections;
  }

  RetryBudget budget() {
    return budget;
  }

  UpstreamMeters meters() {
    return meters;
  }

  /**
   * Picks an endpoint: of those that are healthy and whose breaker lets calls through, one that
   * could be reached of late if there is any.
   *
   * @param key what the request is balanced by
   * @throws FailureException {@code NO_ENDPOINT} or {@code BREAKER_OPEN}
   */
  Choice choose(String key) {
    Choice choice = pick(key, this::open);
    if (choice != null) {
      return choice;
    }
    for (Endpoint endpoint : endpoints) {
      if (endpoint.healthy()) {
        throw blamed(Failure.BREAKER_OPEN, "breaker open, after too many failures");
      }
    }
    throw blamed(Failure.NO_ENDPOINT, "no healthy endpoint");
  }

  /**
   * Picks an endpoint for a request that failed, likewise.
   *
   * @param tried endpoints that failed it already
   * @param sameToo whether one of those may do when there is no other
   * @return null when there is nobody to ask
   */
  @Nullable Choice chooseAgain(String key, Set<Endpoint> tried, boolean sameToo) {
    Choice other =
        pick(
            key,
            () -> {
              List<Endpoint> fresh = open();
              fresh.removeIf(tried::contains);
              return fresh;
            });
    return other == null && sameToo ? pick(key, this::open) : other;
  }

  private @Nullable Choice pick(String key, Supplier<List<Endpoint>> eligible) {
    while (true) {
      List<Endpoint> some = eligible.get();
      if (some.isEmpty()) {
        return null;
      }
      Endpoint endpoint = settings.balance.pick(reachable(some), key, ThreadLocalRandom.current());
      long permit = endpoint.breaker().tryAcquire();
      // Another thread may have taken the one trial meanwhile; then it is not eligible the next
      // time around.
      if (permit != Breaker.REFUSED) {
        return new Choice(endpoint, permit);
      }
    }
  }

  private List<Endpoint> open() {
    List<Endpoint> open = new ArrayList<>(endpoints.size());
    for (Endpoint endpoint : endpoints) {
      if (endpoint.healthy() && endpoint.breaker().allows()) {
        open.add(endpoint);
      }
    }
    return open;
  }

  /** Those of some that could be reached of late; all of them when none could. */
  private static List<Endpoint> reachable(List<Endpoint> some) {
    if (some.size() == 1) {
      return some;
    }
    long now = System.nanoTime();
    List<Endpoint> reachable = new ArrayList<>(some);
    reachable.removeIf(endpoint -> endpoint.isAvoided(now));
    return reachable.isEmpty() ? some : reachable;
  }

  private FailureException blamed(Failure failure, String what) {
    return failure
        .because("upstream " + name + ": " + what)
        .with("upstream", name)
        .with("fault", "upstream");
  }
}
