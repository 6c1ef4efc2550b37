package io.tidegate.bench;

import java.util.List;

/** All works, in the order in which they are measured. */
final class Works {
  private Works() {}

  static List<Work> all() {
    return List.of(new RoutedGet(), new ProfileHit());
  }
}
