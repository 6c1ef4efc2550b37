package io.tidegate.bench;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Events as a shop sends them, of about 450 bytes each: of a thousand customers, each with its own
 * id and time.
 */
final class Events {
  private static final int CUSTOMERS = 1_000;
  private static final int SEED = 618;

  private Events() {}

  /** Bodies of calls with one event each. */
  static List<String> ones(int bodies) {
    Random random = new Random(SEED);
    return Stream.generate(() -> event(random)).limit(bodies).toList();
  }

  /** Bodies of batches. */
  static List<String> batches(int bodies, int events) {
    Random random = new Random(SEED);
    return Stream.generate(
            () ->
                Stream.generate(() -> event(random))
                    .limit(events)
                    .collect(Collectors.joining(",", "{\"batch\":[", "]}")))
        .limit(bodies)
        .toList();
  }

  private static String event(Random random) {
    return """
        {"type":"track","messageId":"%s","userId":"bench-%d","event":"Product Viewed","timestamp":"2026-11-11T20:00:%02d.%03dZ",\
        "properties":{"product_id":"sku-%d","category":"tea","brand":"Longjing","price":29.9,"currency":"CNY",\
        "position":3,"coupon":"DOUBLE11"},"context":{"locale":"zh-CN","userAgent":"Mozilla/5.0 (iPhone)",\
        "page":{"path":"/product/4711","title":"Green tea"}}}\
        """
        .formatted(
            new UUID(random.nextLong(), random.nextLong()),
            1 + random.nextInt(CUSTOMERS),
            random.nextInt(60),
            random.nextInt(1_000),
            random.nextInt(10_000));
  }

  /** The value of an {@code Authorization} header for a write key. */
  static String authorization(String writeKey) {
    return "Basic "
        + Base64.getEncoder().encodeToString((writeKey + ":").getBytes(StandardCharsets.UTF_8));
  }
}
