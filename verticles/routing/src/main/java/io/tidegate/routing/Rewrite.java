package io.tidegate.routing;

import java.util.ArrayList;
import java.util.List;

/**
 * Turns the path a client sent into the one the upstream gets; what it keeps, it keeps as it was
 * sent.
 */
@FunctionalInterface
interface Rewrite {
  Rewrite NONE = path -> path;

  /**
   * The upstream's path for the client's.
   *
   * @param path as sent, accepted by {@link RequestPath#canonical} and matched by the route's
   *     pattern
   */
  String apply(String path);

  /**
   * Without a leading part of the route's path.
   *
   * @throws IllegalArgumentException whose message is what was expected
   */
  static Rewrite strip(String prefix, PathPattern pattern) {
    String expected = "a leading part of the route's path, without * and closing slash";
    PathPattern stripped;
    try {
      stripped = PathPattern.parse(prefix);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(expected, e);
    }
    int count = stripped.segments().size();
    if (stripped.prefix()
        || stripped.segments().getLast().isEmpty()
        || count > pattern.segments().size()
        || !pattern.segments().subList(0, count).equals(stripped.segments())) {
      throw new IllegalArgumentException(expected);
    }
    return path -> {
      String rest = path.substring(RequestPath.slashOf(path, count));
      return rest.isEmpty() ? "/" : rest;
    };
  }

  /**
   * Another path, with the route's parameters and, for a closing {@code *}, what lies below the
   * route's own.
   *
   * @throws IllegalArgumentException whose message is what was expected
   */
  static Rewrite to(String template, PathPattern pattern) {
    PathPattern target = PathPattern.parse(template);
    if (target.prefix() && !pattern.prefix()) {
      throw new IllegalArgumentException("a * only where the route's path has one");
    }
    List<Integer> parameters = new ArrayList<>();
    for (String segment : target.segments()) {
      int index =
          segment.startsWith(PathPattern.PARAMETER) ? pattern.segments().indexOf(segment) : -1;
      if (segment.startsWith(PathPattern.PARAMETER) && index < 0) {
        throw new IllegalArgumentException("only parameters that the route's path has");
      }
      parameters.add(index);
    }
    return path -> {
      StringBuilder rewritten = new StringBuilder();
      for (int i = 0; i < parameters.size(); i++) {
        int index = parameters.get(i);
        rewritten
            .append('/')
            .append(index < 0 ? target.segments().get(i) : RequestPath.segment(path, index));
      }
      if (target.prefix()) {
        rewritten.append(path, RequestPath.slashOf(path, pattern.segments().size()), path.length());
      }
      return rewritten.isEmpty() ? "/" : rewritten.toString();
    };
  }
}
