package io.tidegate.bench;

import java.util.Map;

/**
 * A hot part by itself, a row of the table.
 *
 * @param what in words
 * @param nanos of one operation
 * @param error half of the 99.9 % confidence interval; 0 when it is not known
 * @param bytes allocated by one operation
 */
record HotPart(String what, double nanos, double error, double bytes) {
  private static final Map<String, String> WORDS =
      Map.of(
          "QuotaBenchmark.decide", "quota decision, warm, policies:",
          "RouteMatchBenchmark.match", "route match, routes:",
          "TokenBenchmark.warm", "token check, seen before,",
          "TokenBenchmark.cold", "token check, signature,",
          "EventParseBenchmark.single", "event parse and validate",
          "EventParseBenchmark.ofBatch", "event parse and validate, of a batch",
          "ProfileEncodeBenchmark.encode", "profile encode",
          "BusCallBenchmark.call", "bus call,");

  static HotPart of(Found found) {
    String words = WORDS.getOrDefault(found.benchmark(), found.benchmark());
    return new HotPart(
        (words + " " + found.parameters()).strip(), found.nanos(), found.error(), found.bytes());
  }
}
