package io.tidegate.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is requested of a server, again and again.
 *
 * @param url of the server and, unless it is a walk, of the resource
 * @param method GET or POST
 * @param headers by name
 * @param body empty for none
 * @param walk paths with a running number instead of one path; empty for none
 */
record Target(String url, String method, Map<String, String> headers, String body, Walk walk) {
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
  }

  static Target get(String url) {
    return new Target(url, "GET", Map.of(), "", Walk.NONE);
  }

  static Target post(String url, String body) {
    return new Target(url, "POST", Map.of("content-type", "application/json"), body, Walk.NONE);
  }

  /** The same with one more header. */
  Target with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Target(url, method, more, body, walk);
  }

  /** The same with other paths. */
  Target walking(String template, long first, long count) {
    return new Target(url, method, headers, body, new Walk(template, first, count, 0, 1));
  }

  /** The same walk, begun so many steps further on. */
  Target from(long offset) {
    Walk later = new Walk(walk.template(), walk.first(), walk.count(), offset, walk.stride());
    return new Target(url, method, headers, body, later);
  }

  /** The same walk with so much from one number to the next. */
  Target striding(long stride) {
    Walk wider = new Walk(walk.template(), walk.first(), walk.count(), walk.offset(), stride);
    return new Target(url, method, headers, body, wider);
  }
}
