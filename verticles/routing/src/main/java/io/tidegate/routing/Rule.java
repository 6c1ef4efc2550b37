package io.tidegate.routing;

import java.util.Comparator;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a request must look like to take a route.
 *
 * @param name the route's
 * @param host in lower case: exact, {@code *.example.com} for all names below it, or empty for any
 * @param methods empty for any
 * @param headers by lower-case name the value it must have, {@code *} for any
 */
record Rule(
    String name, String host, PathPattern path, Set<String> methods, Map<String, String> headers) {
  /**
   * Of rules with the same path and host: who names a method goes first, then who asks for more
   * headers.
   */
  static final Comparator<Rule> SPECIFIC_FIRST =
      Comparator.<Rule>comparingInt(rule -> rule.methods.isEmpty() ? 1 : 0)
          .thenComparingInt(rule -> -rule.headers.size())
          .thenComparing(Rule::name);

  boolean isWildcard() {
    return host.startsWith("*.");
  }

  /** What a host must end in: {@code .example.com}. */
  String suffix() {
    return host.substring(1);
  }

  /** Whether method and headers fit; path and host are the table's to check. */
  boolean accepts(String method, Function<String, @Nullable String> header) {
    if (!methods.isEmpty() && !methods.contains(method)) {
      return false;
    }
    if (headers.isEmpty()) {
      return true; // most rules; spares them an iterator
    }
    for (Entry<String, String> condition : headers.entrySet()) {
      String value = header.apply(condition.getKey());
      if (value == null
          || !(condition.getValue().equals("*") || condition.getValue().equals(value))) {
        return false;
      }
    }
    return true;
  }
}
