package io.tidegate.routing;

import java.util.Set;

/**
 * One route of the table in force: what the edge has to check first, and where the request goes
 * then.
 */
public final class Route {
  private final String name;

  Route(String name) {
    this.name = name;
  }

  /** Its key in routes.yaml; for policies, metrics and logs. */
  public String name() {
    return name;
  }

  /** What the caller has to show. */
  public Auth auth() {
    return Auth.TOKEN;
  }

  /** Roles one of which the caller must have; empty when any will do. */
  public Set<String> roles() {
    return Set.of();
  }

  /** What a caller has to show. */
  public enum Auth {
    /** a valid access token */
    TOKEN,
    /** nothing */
    NONE
  }
}
