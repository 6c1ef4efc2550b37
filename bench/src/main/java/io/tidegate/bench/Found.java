package io.tidegate.bench;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What JMH found of one benchmark.
 *
 * @param benchmark its class and method
 * @param parameters their values; empty for none
 * @param nanos of one operation
 * @param error half of the 99.9 % confidence interval; 0 when JMH can't tell
 * @param bytes allocated by one operation
 */
record Found(String benchmark, String parameters, double nanos, double error, double bytes) {
  /**
   * JMH's results in JSON, with those of its profiler {@code gc}.
   *
   * @throws BenchFailure when they are none
   */
  static List<Found> parse(String json) {
    try {
      List<Found> all = new ArrayList<>();
      for (Object each : new JsonArray(json)) {
        if (each instanceof JsonObject result) {
          JsonObject primary = result.getJsonObject("primaryMetric");
          double error = number(primary, "scoreError");
          all.add(
              new Found(
                  simple(result.getString("benchmark")),
                  parameters(result.getJsonObject("params", new JsonObject())),
                  primary.getDouble("score"),
                  Double.isNaN(error) ? 0 : error,
                  allocated(result.getJsonObject("secondaryMetrics"))));
        }
      }
      return all;
    } catch (DecodeException e) {
      throw new BenchFailure("JMH's results can't be read: " + e.getMessage());
    }
  }

  /** Without the package. */
  private static String simple(String benchmark) {
    int method = benchmark.lastIndexOf('.');
    return benchmark.substring(benchmark.lastIndexOf('.', method - 1) + 1);
  }

  private static String parameters(JsonObject values) {
    return values.stream()
        .map(parameter -> String.valueOf(parameter.getValue()))
        .collect(Collectors.joining(" "));
  }

  private static double allocated(JsonObject secondary) {
    for (Map.Entry<String, Object> metric : secondary) {
      if (metric.getKey().endsWith("gc.alloc.rate.norm")
          && metric.getValue() instanceof JsonObject value) {
        double bytes = number(value, "score");
        if (Double.isNaN(bytes)) {
          throw new BenchFailure("JMH can't tell allocations");
        }
        return bytes;
      }
    }
    throw new BenchFailure("JMH told no allocations");
  }

  /** JMH writes "NaN" where it has too few samples. */
  private static double number(JsonObject metric, String key) {
    return metric.getValue(key) instanceof Number number ? number.doubleValue() : Double.NaN;
  }
}
