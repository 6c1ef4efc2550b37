package io.tidegate.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A rule's path: {@code /a/b} is that path only, {@code /a/*} is {@code /a} and everything below
 * it, and a segment {@code {name}} stands for any one that isn't empty.
 *
 * @param segments literal text, or {@link #PARAMETER} followed by a name
 * @param prefix whether it goes on with anything below
 */
record PathPattern(List<String> segments, boolean prefix) {
  /** Marks a parameter; no literal can start with it. */
  static final String PARAMETER = "{";

  private static final Pattern LITERAL = Pattern.compile("[^/%;\\\\#?{}*\\s\\p{Cntrl}]*");
  private static final Pattern NAME = Pattern.compile("\\{[a-zA-Z][a-zA-Z0-9_-]*}");

  /**
   * @throws IllegalArgumentException whose message is what was expected
   */
  static PathPattern parse(String text) {
    if (!text.startsWith("/")) {
      throw new IllegalArgumentException("a path that starts with a slash");
    }
    List<String> segments = new ArrayList<>(List.of(text.substring(1).split("/", -1)));
    boolean prefix = segments.getLast().equals("*");
    if (prefix) {
      segments.removeLast();
    }
    for (int i = 0; i < segments.size(); i++) {
      String segment = segments.get(i);
      boolean last = i == segments.size() - 1 && !prefix;
      if (NAME.matcher(segment).matches()) {
        String name = PARAMETER + segment.substring(1, segment.length() - 1);
        if (segments.subList(0, i).contains(name)) {
          throw new IllegalArgumentException("each parameter once");
        }
        segments.set(i, name);
      } else if (!LITERAL.matcher(segment).matches()) {
        throw new IllegalArgumentException(
            "decoded segments, {name} for any one, * only as the last for everything below");
      } else if ((segment.isEmpty() && !last) || segment.equals(".") || segment.equals("..")) {
        throw new IllegalArgumentException("no empty, . or .. segments");
      }
    }
    return new PathPattern(List.copyOf(segments), prefix);
  }

  /** Which segment a parameter is, or -1. */
  int indexOf(String parameter) {
    return segments.indexOf(PARAMETER + parameter);
  }

  /**
   * How far it reaches: the longer path is the greater, and of equally long ones the one that isn't
   * a prefix.
   */
  int reach() {
    return 2 * segments.size() + (prefix ? 0 : 1);
  }
}
