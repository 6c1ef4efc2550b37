package io.tidegate.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * When virtual users arrive: an open loop, decided before the first request and kept whatever the
 * answers are.
 */
final class ArrivalPlan {
  private final List<Ramp> ramps;

  private ArrivalPlan(List<Ramp> ramps) {
    this.ramps = List.copyOf(ramps);
  }

  /** A level at a moment of the shape; between two it goes in a straight line. */
  record Point(double at, double level) {}

  /** One after the other. */
  static ArrivalPlan of(Ramp... ramps) {
    return new ArrivalPlan(List.of(ramps));
  }

  /** A steady rate, up from a tenth of it in the first tenth of the time. */
  static ArrivalPlan steady(double rate, Duration duration) {
    double seconds = duration.toNanos() / 1e9;
    return of(
        Ramp.of(rate / 10, rate, atLeastOne(0.55 * rate * seconds / 10)),
        Ramp.of(rate, rate, atLeastOne(rate * seconds * 0.9)));
  }

  /**
   * A shape, pressed together until its highest level is about the peak rate, not more.
   *
   * @param arrivals in all
   * @param peak arrivals a second at level 1
   */
  static ArrivalPlan shaped(List<Point> shape, long arrivals, double peak) {
    double area = 0;
    for (int i = 1; i < shape.size(); i++) {
      area += area(shape.get(i - 1), shape.get(i));
    }
    List<Ramp> ramps = new ArrayList<>();
    double passed = 0;
    long given = 0;
    for (int i = 1; i < shape.size(); i++) {
      passed += area(shape.get(i - 1), shape.get(i));
      // What is rounded off here belongs to the next.
      long until = i == shape.size() - 1 ? arrivals : Math.round(arrivals * passed / area);
      if (until > given) {
        ramps.add(
            Ramp.of(shape.get(i - 1).level() * peak, shape.get(i).level() * peak, until - given));
        given = until;
      }
    }
    return new ArrivalPlan(ramps);
  }

  private static double area(Point from, Point to) {
    return (to.at() - from.at()) * (from.level() + to.level()) / 2;
  }

  private static long atLeastOne(double arrivals) {
    return Math.max(1, Math.round(arrivals));
  }

  List<Ramp> ramps() {
    return ramps;
  }

  long arrivals() {
    return ramps.stream().mapToLong(Ramp::arrivals).sum();
  }

  double peak() {
    return ramps.stream().mapToDouble(ramp -> Math.max(ramp.from(), ramp.to())).max().orElse(0);
  }

  Duration duration() {
    return ramps.stream().map(Ramp::duration).reduce(Duration.ZERO, Duration::plus);
  }

  /** When an arrival is due, in nanoseconds from the begin; counted from 0. */
  long dueNanos(long arrival) {
    long before = 0;
    double seconds = 0;
    for (Ramp ramp : ramps) {
      if (arrival - before < ramp.arrivals()) {
        return (long) ((seconds + ramp.due(arrival - before)) * 1e9);
      }
      before += ramp.arrivals();
      seconds += ramp.seconds();
    }
    return (long) (seconds * 1e9);
  }
}
