package io.tidegate.routing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;

import io.tidegate.routing.RoutesYaml.HeadersYaml;
import io.vertx.core.MultiMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** A route's changes to a head: removes first, then sets, then adds. */
final class HeaderRules {
  private final Set<String> remove;
  private final Map<String, String> set;
  private final Map<String, String> add;
  private final boolean none;

  private HeaderRules(HeadersYaml yaml, UnaryOperator<String> form) {
    this.remove = yaml.remove;
    this.set = formed(yaml.set, form);
    this.add = formed(yaml.add, form);
    this.none = remove.isEmpty() && set.isEmpty() && add.isEmpty();
  }

  /** Values go into requests in UTF-8, of which {@link HeadBytes} takes octets. */
  static HeaderRules ofRequests(HeadersYaml yaml) {
    return new HeaderRules(yaml, value -> new String(value.getBytes(UTF_8), ISO_8859_1));
  }

  static HeaderRules ofResponses(HeadersYaml yaml) {
    return new HeaderRules(yaml, UnaryOperator.identity());
  }

  private static Map<String, String> formed(
      Map<String, String> fields, UnaryOperator<String> form) {
    return fields.entrySet().stream()
        .collect(toMap(Map.Entry::getKey, field -> form.apply(field.getValue())));
  }

  void applyTo(MultiMap headers) {
    if (none) {
      return;
    }
    remove.forEach(headers::remove);
    set.forEach(headers::set);
    add.forEach(headers::add);
  }
}
