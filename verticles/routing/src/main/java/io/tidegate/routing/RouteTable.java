package io.tidegate.routing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An immutable table of rules, found by walking the path's segments, so the time does not grow with
 * the number of routes.
 *
 * <p>Of all rules that fit, the one with the longest path wins; then the one that isn't a prefix;
 * then literal segments before parameters, from the left; then an exact host before the longer
 * wildcard before any host; then who names a method; then who asks for more headers; then the name.
 */
final class RouteTable<R> {
  /** One rule and what it leads to. */
  record Entry<R>(Rule rule, R target) {}

  private final Node<R> root = new Node<>();
  private final int size;

  RouteTable(List<Entry<R>> entries) {
    for (Entry<R> entry : entries) {
      Node<R> node = root;
      for (String segment : entry.rule().path().segments()) {
        node = node.child(segment);
      }
      (entry.rule().path().prefix() ? node.below : node.here).add(entry);
    }
    root.seal();
    size = entries.size();
  }

  int size() {
    return size;
  }

  /**
   * @param authority the host, with or without port
   * @param path as {@link RequestPath#canonical} gives it
   * @param header looks up a header's first value by lower-case name
   */
  @Nullable R match(
      String authority, String path, String method, Function<String, @Nullable String> header) {
    Entry<R> found = root.find(new Asked(authority, path, method, header), 1);
    return found == null ? null : found.target();
  }

  /** The host alone, in lower case, without port and root dot. */
  static String hostOf(String authority) {
    int colon =
        authority.startsWith("[")
            ? authority.indexOf(':', authority.indexOf(']') + 1)
            : authority.indexOf(':');
    String host = colon < 0 ? authority : authority.substring(0, colon);
    return (host.endsWith(".") ? host.substring(0, host.length() - 1) : host)
        .toLowerCase(Locale.ROOT);
  }

  /** What is asked for; its host is read only where rules name hosts. */
  private static final class Asked {
    final String path;
    final String method;
    final Function<String, @Nullable String> header;
    private final String authority;
    private @Nullable String host;

    Asked(String authority, String path, String method, Function<String, @Nullable String> header) {
      this.authority = authority;
      this.path = path;
      this.method = method;
      this.header = header;
    }

    String host() {
      String known = host;
      if (known == null) {
        known = hostOf(authority);
        host = known;
      }
      return known;
    }
  }

  /** A place in the tree of segments. */
  private static final class Node<R> {
    private final Map<String, Node<R>> children = new HashMap<>();
    private Literals<Node<R>> literals = new Literals<>(Map.of());
    private @Nullable Node<R> parameter;
    final ByHost<R> here = new ByHost<>();
    final ByHost<R> below = new ByHost<>();

    Node<R> child(String segment) {
      if (!segment.startsWith(PathPattern.PARAMETER)) {
        return children.computeIfAbsent(segment, key -> new Node<>());
      }
      if (parameter == null) {
        parameter = new Node<>();
      }
      return parameter;
    }

    void seal() {
      here.seal();
      below.seal();
      children.values().forEach(Node::seal);
      literals = new Literals<>(children);
      if (parameter != null) {
        parameter.seal();
      }
    }

    /**
     * The best rule at or below this place for the path from {@code start} on; past its end when
     * nothing is left.
     */
    @Nullable Entry<R> find(Asked asked, int start) {
      String path = asked.path;
      Entry<R> best = null;
      if (start > path.length()) {
        best = here.pick(asked);
      } else {
        int slash = path.indexOf('/', start);
        int end = slash < 0 ? path.length() : slash;
        Node<R> literal = literals.get(path, start, end);
        if (literal != null) {
          best = literal.find(asked, end + 1);
        }
        if (parameter != null && end > start) {
          best = farther(best, parameter.find(asked, end + 1));
        }
      }
      return best != null ? best : below.pick(asked);
    }

    private static <R> @Nullable Entry<R> farther(
        @Nullable Entry<R> first, @Nullable Entry<R> second) {
      if (first == null || second == null) {
        return first == null ? second : first;
      }
      return second.rule().path().reach() > first.rule().path().reach() ? second : first;
    }
  }

  /** The rules of one path, by host. */
  private static final class ByHost<R> {
    private final Map<String, List<Entry<R>>> exact = new HashMap<>();
    private final List<Entry<R>> wildcard = new ArrayList<>();
    private final List<Entry<R>> any = new ArrayList<>();

    void add(Entry<R> entry) {
      Rule rule = entry.rule();
      if (rule.host().isEmpty()) {
        any.add(entry);
      } else if (rule.isWildcard()) {
        wildcard.add(entry);
      } else {
        exact.computeIfAbsent(rule.host(), host -> new ArrayList<>()).add(entry);
      }
    }

    void seal() {
      Comparator<Entry<R>> specificFirst = Comparator.comparing(Entry::rule, Rule.SPECIFIC_FIRST);
      exact.values().forEach(list -> list.sort(specificFirst));
      any.sort(specificFirst);
      wildcard.sort(
          Comparator.<Entry<R>>comparingInt(entry -> -entry.rule().host().length())
              .thenComparing(specificFirst));
    }

    @Nullable Entry<R> pick(Asked asked) {
      if (!exact.isEmpty()) {
        List<Entry<R>> list = exact.get(asked.host());
        Entry<R> entry = list == null ? null : first(list, asked);
        if (entry != null) {
          return entry;
        }
      }
      for (Entry<R> entry : wildcard) {
        if (asked.host().endsWith(entry.rule().suffix())
            && entry.rule().accepts(asked.method, asked.header)) {
          return entry;
        }
      }
      return any.isEmpty() ? null : first(any, asked);
    }

    private static <R> @Nullable Entry<R> first(List<Entry<R>> entries, Asked asked) {
      for (Entry<R> entry : entries) {
        if (entry.rule().accepts(asked.method, asked.header)) {
          return entry;
        }
      }
      return null;
    }
  }
}
