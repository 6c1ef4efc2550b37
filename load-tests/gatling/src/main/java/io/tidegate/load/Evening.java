package io.tidegate.load;

import io.tidegate.load.ArrivalPlan.Point;
import java.util.List;

/**
 * The day of a sale such as 618: a slow morning, a ramp at 20:00 when the sale opens, and the spike
 * at midnight. Hours from 6 to 6 of the next day (30); levels as shares of the spike.
 */
final class Evening {
  static final List<Point> SHAPE =
      List.of(
          new Point(6, 0.15),
          new Point(9, 0.40),
          new Point(12, 0.50),
          new Point(14, 0.42),
          new Point(18, 0.48),
          new Point(19.9, 0.55),
          new Point(20.2, 0.85),
          new Point(22, 0.75),
          new Point(23.9, 0.80),
          new Point(24, 1),
          new Point(24.5, 1),
          new Point(25, 0.70),
          new Point(26, 0.35),
          new Point(28, 0.15),
          new Point(30, 0.12));

  private Evening() {}
}
