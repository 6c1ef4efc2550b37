package io.tidegate.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is requested of a server, again and again.
 *
 * @param url of the server and, unless it is a walk, of the resource
 * @param method GET or POST
 * @param headers by name
 * @param callers values of the header {@code Authorization}, in turn; empty when it is the same for
 *     all
 * @param bodies in turn; empty for none
 * @param walk paths with a running number instead of one path; empty for none
 */
record Target(
    String url,
    String method,
    Map<String, String> headers,
    List<String> callers,
    List<String> bodies,
    Walk walk) {
  /**
   * One path after the other, each with the next number.
   *
   * @param template a path with one {@code %d}; empty for no walk
   * @param first the first number
   * @param count how many there are until it begins again
   * @param offset how many are passed over at the beginning
   * @param stride from one number to the next
   */
  record Walk(String template, long first, long count, long offset, long stride) {
    static final Walk NONE = new Walk("", 0, 1, 0, 1);

    boolean isNone() {
      return template.isEmpty();
    }
  }

  Target {
    headers = Map.copyOf(headers);
    callers = List.copyOf(callers);
    bodies = List.copyOf(bodies);
  }

  static Target get(String url) {
    return new Target(url, "GET", Map.of(), List.of(), List.of(), Walk.NONE);
  }

  static Target post(String url, List<String> bodies) {
    Map<String, String> json = Map.of("content-type", "application/json");
    return new Target(url, "POST", json, List.of(), bodies, Walk.NONE);
  }

  /** The same with one more header. */
  Target with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Target(url, method, more, callers, bodies, walk);
  }

  /** The same by one caller after the other. */
  Target by(List<String> authorizations) {
    return new Target(url, method, headers, authorizations, bodies, walk);
  }

  /** The same with other paths. */
  Target walking(String template, long first, long count) {
    return on(new Walk(template, first, count, 0, 1));
  }

  /** The same walk, begun so many steps further on. */
  Target from(long offset) {
    return on(new Walk(walk.template(), walk.first(), walk.count(), offset, walk.stride()));
  }

  /** The same walk with so much from one number to the next. */
  Target striding(long stride) {
    return on(new Walk(walk.template(), walk.first(), walk.count(), walk.offset(), stride));
  }

  private Target on(Walk other) {
    return new Target(url, method, headers, callers, bodies, other);
  }
}
