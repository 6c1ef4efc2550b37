package io.tidegate.bench;

import java.util.List;

/** All works, in the order in which they are measured: later ones use what earlier ones made. */
final class Works {
  private Works() {}

  static List<Work> all() {
    return List.of(
        new RoutedGet(),
        new HalfLoad(),
        new ProfileHit(),
        new ProfileCold(),
        new Memory(),
        new Ingestion(),
        new LimiterRate(),
        new Tls(),
        new Growth(),
        new StartUp(),
        new HotParts());
  }
}
