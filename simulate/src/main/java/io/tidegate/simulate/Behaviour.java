package io.tidegate.simulate;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One row of a behaviour file: {@code user,item,category,pv|cart|fav|buy,epochSeconds}.
 *
 * @param event the Segment e-commerce event that the row's fourth field stands for
 */
record Behaviour(String user, String item, String category, String event, Instant at) {
  private static final int LONGEST_FIELD = 128;
  private static final long YEAR_2100 = 4_102_444_800L;
  private static final Map<String, String> EVENTS =
      Map.of(
          "pv", "Product Viewed",
          "cart", "Product Added",
          "fav", "Product Added to Wishlist",
          "buy", "Order Completed");

  /** What is wrong with a row, in words for whoever has to mend it. */
  static final class Malformed extends Exception {
    Malformed(String message) {
      super(message, null, false, false);
    }
  }

  static Behaviour parse(String line) throws Malformed {
    String[] fields = line.split(",", -1);
    if (fields.length != 5) {
      throw new Malformed(
          fields.length + " fields (expected: user,item,category,pv|cart|fav|buy,epochSeconds)");
    }
    String event = EVENTS.get(fields[3]);
    if (event == null) {
      throw new Malformed("behaviour: '" + shown(fields[3]) + "' (expected: pv, cart, fav or buy)");
    }
    return new Behaviour(
        id("user", fields[0]),
        id("item", fields[1]),
        id("category", fields[2]),
        event,
        time(fields[4]));
  }

  private static String id(String name, String value) throws Malformed {
    if (value.isBlank() || value.length() > LONGEST_FIELD) {
      throw new Malformed(
          name + ": '" + shown(value) + "' (expected: 1 to " + LONGEST_FIELD + " characters)");
    }
    return value;
  }

  private static Instant time(String value) throws Malformed {
    if (value.matches("[0-9]{1,10}")) {
      long seconds = Long.parseLong(value);
      if (seconds < YEAR_2100) {
        return Instant.ofEpochSecond(seconds);
      }
    }
    throw new Malformed("time: '" + shown(value) + "' (expected: seconds from 0 to the year 2100)");
  }

  private static String shown(String value) {
    return value.length() <= 40 ? value : value.substring(0, 40) + "...";
  }

  /** The row as a track event, JSON. */
  String toEvent(String messageId) {
    var properties = new LinkedHashMap<String, Object>();
    properties.put("productId", item);
    properties.put("category", category);
    var message = new LinkedHashMap<String, Object>();
    message.put("type", "track");
    message.put("event", event);
    message.put("userId", user);
    message.put("messageId", messageId);
    message.put("timestamp", at.toString());
    message.put("properties", properties);
    return Api.json(message);
  }
}
