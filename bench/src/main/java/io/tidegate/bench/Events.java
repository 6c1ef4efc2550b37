package io.tidegate.bench;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Events as a shop sends them, of about 400 bytes each; the gateway gives them their message ids.
 */
final class Events {
  private static final String EVENT =
      """
      {"type":"track","userId":"bench-%d","event":"Product Viewed","timestamp":"2026-11-11T20:00:00.000Z",\
      "properties":{"product_id":"sku-%d","category":"tea","brand":"Longjing","price":29.9,"currency":"CNY",\
      "position":3,"coupon":"DOUBLE11"},"context":{"locale":"zh-CN","userAgent":"Mozilla/5.0 (iPhone)",\
      "page":{"path":"/product/4711","title":"Green tea"}}}\
      """;

  private Events() {}

  /** The body of a call with one event. */
  static String one() {
    return EVENT.formatted(1, 4711);
  }

  /** The body of a batch. */
  static String batch(int events) {
    return IntStream.rangeClosed(1, events)
        .mapToObj(number -> EVENT.formatted(number, 4711 + number))
        .collect(Collectors.joining(",", "{\"batch\":[", "]}"));
  }

  /** The value of an {@code Authorization} header for a write key. */
  static String authorization(String writeKey) {
    return "Basic "
        + Base64.getEncoder().encodeToString((writeKey + ":").getBytes(StandardCharsets.UTF_8));
  }
}
