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
        new HotParts(),
        new StartUp(),
        new ProfileCold(),
        new Ingestion(),
        new Tls(),
        new Growth(),
        new Memory(),
        new LimiterRate(),
        new Levers());
  }
}
