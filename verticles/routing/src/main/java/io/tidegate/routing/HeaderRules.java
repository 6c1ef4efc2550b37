package io.tidegate.routing;

import io.tidegate.routing.RoutesYaml.HeadersYaml;
import io.vertx.core.MultiMap;

/** A route's changes to a head: removes first, then sets, then adds. */
final class HeaderRules {
  private final HeadersYaml yaml;
  private final boolean none;

  HeaderRules(HeadersYaml yaml) {
    this.yaml = yaml;
    this.none = yaml.remove.isEmpty() && yaml.set.isEmpty() && yaml.add.isEmpty();
  }

  void applyTo(MultiMap headers) {
    if (none) {
      return;
    }
    yaml.remove.forEach(headers::remove);
    yaml.set.forEach(headers::set);
    yaml.add.forEach(headers::add);
  }
}
