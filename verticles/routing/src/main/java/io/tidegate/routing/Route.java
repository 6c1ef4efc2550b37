package io.tidegate.routing;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.routing.RoutesYaml.RouteYaml;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One route of the table in force: what the edge has to check first, and where the request goes
 * then. A request keeps the route it was matched to, also when another table comes into force
 * meanwhile.
 */
public final class Route {
  private final Rule rule;
  private final RouteYaml yaml;
  private final Upstream upstream;
  private final Rewrite rewrite;
  private final HeaderRules requestHeaders;
  private final HeaderRules responseHeaders;
  private final RouteMeters meters;
  private final @Nullable Fallback fallback;

  Route(Rule rule, RouteYaml yaml, Upstream upstream, MeterRegistry registry) {
    this.rule = rule;
    this.yaml = yaml;
    this.upstream = upstream;
    this.requestHeaders = new HeaderRules(yaml.requestHeaders);
    this.responseHeaders = new HeaderRules(yaml.responseHeaders);
    this.meters = new RouteMeters(registry, rule.name());
    this.fallback = yaml.fallback == null ? null : new Fallback(yaml.fallback, upstream.name());
    if (yaml.stripPrefix != null) {
      this.rewrite = Rewrite.strip(yaml.stripPrefix, rule.path());
    } else {
      this.rewrite = yaml.rewrite == null ? Rewrite.NONE : Rewrite.to(yaml.rewrite, rule.path());
    }
  }

  /** Its key in routes.yaml; for policies, metrics and logs. */
  public String name() {
    return rule.name();
  }

  /** What the caller has to show. */
  public Auth auth() {
    return yaml.auth;
  }

  /** Roles one of which the caller must have; empty when any will do. */
  public Set<String> roles() {
    return yaml.roles;
  }

  Upstream upstream() {
    return upstream;
  }

  Rewrite rewrite() {
    return rewrite;
  }

  HeaderRules requestHeaders() {
    return requestHeaders;
  }

  HeaderRules responseHeaders() {
    return responseHeaders;
  }

  RouteMeters meters() {
    return meters;
  }

  boolean preservesHost() {
    return yaml.preserveHost;
  }

  boolean forwardsAuthorization() {
    return yaml.forwardAuthorization;
  }

  /** What requests of this route are spread by, where the upstream's balance asks. */
  String balanceKey(String path, @Nullable String customerId, String clientAddress) {
    if (yaml.customerParameter != null) {
      return RequestPath.segment(path, rule.path().indexOf(yaml.customerParameter));
    }
    return customerId == null ? clientAddress : customerId;
  }

  Duration answerTimeout() {
    return yaml.answerTimeout == null ? upstream.settings().answerTimeout : yaml.answerTimeout;
  }

  Duration idleTimeout() {
    return yaml.idleTimeout == null ? upstream.settings().idleTimeout : yaml.idleTimeout;
  }

  @Nullable Duration totalTimeout() {
    return yaml.totalTimeout;
  }

  @Nullable Fallback fallback() {
    return fallback;
  }

  @Override
  public String toString() {
    return name();
  }

  /** What a caller has to show. */
  public enum Auth {
    /** a valid access token */
    TOKEN,
    /** nothing */
    NONE
  }
}
