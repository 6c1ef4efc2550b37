package io.tidegate.load;

import io.tidegate.simulate.Zipf;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Bodies of events, JSON, written once and copied for every request: only the message's id and the
 * customer's are new, so that making a body costs next to nothing beside sending it. Every message
 * id is fresh. Safe from any thread.
 */
final class EventBodies {
  private static final int PRODUCTS = 5_000;
  private static final int VARIANTS = 1_024;
  private static final int ID_DIGITS = 12;
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final List<String> CATEGORIES =
      List.of("dresses", "shoes", "phones", "snacks", "skin care", "toys", "sports", "home");
  private static final List<String> PAGES = List.of("Home", "Search", "Cart", "Sale", "Orders");
  private static final List<String> CITIES =
      List.of("Shanghai", "Beijing", "Hangzhou", "Shenzhen", "Chengdu", "Wuhan");

  /** What an event is. */
  enum Kind {
    VIEW("/v1/track"),
    CART("/v1/track"),
    FAVOURITE("/v1/track"),
    PURCHASE("/v1/track"),
    PAGE("/v1/page"),
    SCREEN("/v1/screen"),
    IDENTIFY("/v1/identify");

    private final String path;

    Kind(String path) {
      this.path = path;
    }

    String path() {
      return path;
    }
  }

  /** A body in three pieces; between them go the message's and the customer's id. */
  private static final class Template {
    private final byte[] head;
    private final byte[] middle;
    private final byte[] tail;

    Template(String head, String middle, String tail) {
      this.head = ascii(head);
      this.middle = ascii(middle);
      this.tail = ascii(tail);
    }
  }

  private final String run;
  private final byte[] idPrefix;
  private final AtomicLong next = new AtomicLong();
  private final String timestamp;
  private final Map<Kind, List<Template>> templates = new EnumMap<>(Kind.class);

  /**
   * @param run begins every message id; no two runs have the same
   */
  EventBodies(String run, Instant now) {
    this.run = run + "-";
    this.idPrefix = ascii(this.run);
    this.timestamp = now.toString();
    Zipf products = new Zipf(PRODUCTS, 0.9);
    Random random = new Random(618);
    for (Kind kind : Kind.values()) {
      templates.put(kind, variants(variant -> template(kind, products.sample(random), variant)));
    }
  }

  private static List<Template> variants(IntFunction<Template> make) {
    return IntStream.range(0, VARIANTS).mapToObj(make).toList();
  }

  /** One event of a customer. */
  byte[] event(Kind kind, String customer) {
    return event(kind, customer, next.getAndIncrement());
  }

  /** The same, to be kept. */
  Letter letter(Kind kind, String customer) {
    long number = next.getAndIncrement();
    return new Letter(event(kind, customer, number), number, 1);
  }

  private byte[] event(Kind kind, String customerId, long number) {
    byte[] customer = ascii(customerId);
    Template template = any(kind);
    byte[] body = new byte[length(template, customer)];
    write(template, customer, number, body);
    return body;
  }

  /** How many events there were, which is how many message ids. */
  long made() {
    return next.get();
  }

  /** What every message id begins with. */
  String prefix() {
    return run;
  }

  /** The number that a message id was made of; negative for one of others. */
  int number(String id) {
    return id.startsWith(run) && id.length() == run.length() + ID_DIGITS
        ? Integer.parseUnsignedInt(id, run.length(), id.length(), 16)
        : -1;
  }

  /** A batch of a customer's views, with a page now and then. */
  byte[] batch(int events, String customer) {
    return batch(events, customer, next.getAndAdd(events));
  }

  /** The same, to be kept. */
  Letter letter(int events, String customer) {
    long first = next.getAndAdd(events);
    return new Letter(batch(events, customer, first), first, events);
  }

  private byte[] batch(int events, String customer, long first) {
    ByteArrayOutputStream body = new ByteArrayOutputStream(events * 300);
    body.writeBytes(ascii("{\"batch\":["));
    for (int i = 0; i < events; i++) {
      if (i > 0) {
        body.write(',');
      }
      body.writeBytes(event(i % 4 == 3 ? Kind.PAGE : Kind.VIEW, customer, first + i));
    }
    body.writeBytes(ascii("]}"));
    return body.toByteArray();
  }

  private Template any(Kind kind) {
    List<Template> variants = templates.getOrDefault(kind, List.of());
    return variants.get(ThreadLocalRandom.current().nextInt(VARIANTS));
  }

  private int length(Template template, byte[] customer) {
    return template.head.length
        + idPrefix.length
        + ID_DIGITS
        + template.middle.length
        + customer.length
        + template.tail.length;
  }

  private void write(Template template, byte[] customer, long number, byte[] into) {
    int at = put(template.head, into, 0);
    at = put(idPrefix, into, at);
    long id = number;
    for (int digit = ID_DIGITS - 1; digit >= 0; digit--) {
      into[at + digit] = HEX[(int) (id & 15)];
      id >>>= 4;
    }
    at = put(template.middle, into, at + ID_DIGITS);
    at = put(customer, into, at);
    put(template.tail, into, at);
  }

  private static int put(byte[] piece, byte[] into, int at) {
    System.arraycopy(piece, 0, into, at, piece.length);
    return at + piece.length;
  }

  private Template template(Kind kind, int product, int variant) {
    return switch (kind) {
      case VIEW -> track("Product Viewed", product(product));
      case CART -> track("Product Added", product(product));
      case FAVOURITE -> track("Product Added to Wishlist", product(product));
      case PURCHASE ->
          track("Order Completed", product(product) + ",\"total\":" + (9 + product % 500));
      case PAGE -> named("page", variant);
      case SCREEN -> named("screen", variant);
      case IDENTIFY ->
          template(
              "identify",
              "",
              "\"traits\":{\"city\":\"" + one(CITIES, variant) + "\",\"level\":\"silver\"}");
    };
  }

  private Template track(String event, String properties) {
    return template("track", "\"event\":\"" + event + "\",", "\"properties\":{" + properties + "}");
  }

  private Template named(String type, int variant) {
    return template(
        type,
        "\"name\":\"" + one(PAGES, variant) + "\",",
        "\"properties\":{\"path\":\"/" + one(CATEGORIES, variant).replace(' ', '-') + "\"}");
  }

  private static String product(int product) {
    return "\"productId\":\"p-%d\",\"category\":\"%s\",\"price\":%d.9,\"currency\":\"CNY\""
        .formatted(product, one(CATEGORIES, product), 9 + product % 500);
  }

  private Template template(String type, String fields, String rest) {
    return new Template(
        "{\"type\":\"" + type + "\"," + fields + "\"messageId\":\"",
        "\",\"timestamp\":\"" + timestamp + "\",\"userId\":\"",
        "\"," + rest + "}");
  }

  private static String one(List<String> of, int index) {
    return of.get(index % of.size());
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
