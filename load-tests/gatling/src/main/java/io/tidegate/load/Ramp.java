package io.tidegate.load;

import java.time.Duration;

/**
 * A stretch of time in which arrivals go from one rate to another, in a straight line.
 *
 * @param from arrivals a second at its begin
 * @param to arrivals a second at its end
 * @param seconds how long it lasts
 * @param arrivals how many there are in it
 */
record Ramp(double from, double to, int seconds, long arrivals) {
  /** Keeps an engine that counts arrivals by rounding down from losing one. */
  private static final double ROUNDING = 0.001;

  /**
   * So many arrivals at about these rates: at most at these, and less so that it lasts whole
   * seconds, which is all that Gatling's clock for arrivals knows.
   */
  static Ramp of(double from, double to, long arrivals) {
    double mean = (from + to) / 2;
    int seconds = (int) Math.max(1, Math.ceil(arrivals / mean));
    double factor = (arrivals + ROUNDING) / seconds / mean;
    return new Ramp(from * factor, to * factor, seconds, arrivals);
  }

  Duration duration() {
    return Duration.ofSeconds(seconds);
  }

  /** When an arrival is due, in seconds from the begin; counted from 0. */
  double due(long arrival) {
    // From rate(t) = from + slope t, the arrivals until t are from t + slope t^2 / 2.
    double slope = (to - from) / seconds;
    if (Math.abs(slope) < 1e-9) {
      return arrival / from;
    }
    return (Math.sqrt(from * from + 2 * slope * arrival) - from) / slope;
  }
}
