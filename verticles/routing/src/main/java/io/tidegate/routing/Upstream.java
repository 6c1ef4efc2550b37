package io.tidegate.routing;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.routing.RoutesYaml.UpstreamYaml;
import io.vertx.core.http.HttpClientAgent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Servers that do the same: whom to ask next, and the connections to them. Safe from any thread.
 */
final class Upstream {
  /** An endpoint and the breaker's permit to ask it. */
  record Choice(Endpoint endpoint, long permit) {}

  private final String name;
  private final UpstreamYaml settings;
  private final List<Endpoint> endpoints;
  private final HttpClientAgent client;
  private final RetryBudget budget;
  private final UpstreamMeters meters;

  Upstream(
      String name,
      UpstreamYaml settings,
      List<Endpoint> endpoints,
      HttpClientAgent client,
      RetryBudget budget,
      UpstreamMeters meters) {
    this.name = name;
    this.settings = settings;
    this.endpoints = List.copyOf(endpoints);
    this.client = client;
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

  HttpClientAgent client() {
    return client;
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
   * @param tried endpoints that failed this request already; asked again only when there is no
   *     other
   * @throws FailureException {@code NO_ENDPOINT} or {@code BREAKER_OPEN}
   */
  Choice choose(String key, Set<Endpoint> tried) {
    while (true) {
      List<Endpoint> eligible = eligible(tried);
      Endpoint endpoint = settings.balance.pick(eligible, key, ThreadLocalRandom.current());
      long permit = endpoint.breaker().tryAcquire();
      // Another thread may have taken the one trial meanwhile; then it is not eligible the next
      // time around.
      if (permit != Breaker.REFUSED) {
        return new Choice(endpoint, permit);
      }
    }
  }

  private List<Endpoint> eligible(Set<Endpoint> tried) {
    long now = System.nanoTime();
    List<Endpoint> open = new ArrayList<>(endpoints.size());
    boolean anyHealthy = false;
    for (Endpoint endpoint : endpoints) {
      if (endpoint.healthy()) {
        anyHealthy = true;
        if (endpoint.breaker().allows()) {
          open.add(endpoint);
        }
      }
    }
    if (open.isEmpty()) {
      throw anyHealthy
          ? blamed(Failure.BREAKER_OPEN, "breaker open, after too many failures")
          : blamed(Failure.NO_ENDPOINT, "no healthy endpoint");
    }
    if (open.size() == 1) {
      return open;
    }
    List<Endpoint> fresh = new ArrayList<>(open);
    fresh.removeIf(tried::contains);
    List<Endpoint> left = fresh.isEmpty() ? open : fresh;
    List<Endpoint> reachable = new ArrayList<>(left);
    reachable.removeIf(endpoint -> endpoint.isAvoided(now));
    return reachable.isEmpty() ? left : reachable;
  }

  private FailureException blamed(Failure failure, String what) {
    return failure
        .because("upstream " + name + ": " + what)
        .with("upstream", name)
        .with("fault", "upstream");
  }
}
