package io.tidegate.simulate;

import java.util.random.RandomGenerator;

/**
 * Ranks from 1 to n by Zipf's law: rank k is drawn with a probability proportional to 1 /
 * k^exponent. Constant time and memory a draw, by rejection-inversion (W. Hörmann, G. Derflinger,
 * "Rejection-inversion to generate variates from monotone discrete distributions", ACM TOMACS 6,
 * 1996).
 */
public final class Zipf {
  private final int n;
  private final double exponent;
  private final double areaToFirst;
  private final double areaToLast;
  private final double sureDistance;

  /**
   * The law for so many ranks.
   *
   * @param n the number of ranks, at least 1
   * @param exponent the skew, above 0; about 1 for shops
   */
  public Zipf(int n, double exponent) {
    if (n < 1) {
      throw new IllegalArgumentException("n: " + n + " (expected: >= 1)");
    }
    if (!(exponent > 0)) {
      throw new IllegalArgumentException("exponent: " + exponent + " (expected: > 0)");
    }
    this.n = n;
    this.exponent = exponent;
    this.areaToFirst = area(1.5) - 1;
    this.areaToLast = area(n + 0.5);
    this.sureDistance = 2 - inverseArea(area(2.5) - height(2));
  }

  /** A rank, drawn. */
  public int sample(RandomGenerator random) {
    while (true) {
      double u = areaToLast + random.nextDouble() * (areaToFirst - areaToLast);
      double x = inverseArea(u);
      int rank = Math.clamp((long) (x + 0.5), 1, n);
      if (rank - x <= sureDistance || u >= area(rank + 0.5) - height(rank)) {
        return rank;
      }
    }
  }

  private double height(double x) {
    return Math.pow(x, -exponent);
  }

  /** An antiderivative of {@link #height}. */
  private double area(double x) {
    return exponent == 1 ? Math.log(x) : (Math.pow(x, 1 - exponent) - 1) / (1 - exponent);
  }

  private double inverseArea(double y) {
    return exponent == 1 ? Math.exp(y) : Math.pow(1 + y * (1 - exponent), 1 / (1 - exponent));
  }
}
