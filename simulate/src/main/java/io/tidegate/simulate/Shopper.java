package io.tidegate.simulate;

import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/**
 * The customers of a shop, as an endless sequence of requests: few customers and few products make
 * most of the traffic (Zipf), some browse anonymously and sign in later. The same seed gives the
 * same customers, products and mix; message ids are always fresh, so every run counts.
 */
final class Shopper {
  private static final int FIRST_CUSTOMER = 1_000_000;
  private static final int PRODUCTS = 5_000;
  private static final int VISITORS = 500;
  private static final int SMALL_BATCH = 20;
  private static final List<String> CATEGORIES =
      List.of("dresses", "shoes", "phones", "snacks", "skin care", "toys", "sports", "home");
  private static final List<String> NAMES =
      List.of("Li Na", "Wang Wei", "Zhang Min", "Chen Jie", "Liu Yang", "Zhao Lei", "Sun Yue");
  private static final List<String> CITIES =
      List.of("Shanghai", "Beijing", "Hangzhou", "Shenzhen", "Chengdu", "Wuhan");
  private static final List<String> LEVELS = List.of("basic", "silver", "gold", "black");

  /** What a customer does next, and how often of a hundred. */
  private enum Action {
    VIEW(42),
    CART(8),
    FAVOURITE(4),
    PURCHASE(3),
    PAGE(6),
    SCREEN(5),
    IDENTIFY(3),
    BROWSE(5),
    SIGN_IN(2),
    ALIAS(1),
    BATCH(3),
    PROFILE(12),
    ROUTED(6);

    private final int share;

    Action(int share) {
      this.share = share;
    }

    static Action pick(int percent) {
      int left = percent;
      for (Action action : values()) {
        left -= action.share;
        if (left < 0) {
          return action;
        }
      }
      return VIEW;
    }
  }

  private final Random random;
  private final Zipf customers;
  private final Zipf products = new Zipf(PRODUCTS, 0.9);
  private final String route;
  private final int largestBatch;
  private final Clock clock;
  private final Supplier<String> freshIds;
  private final String[] visitors = new String[VISITORS];

  /**
   * @param route the path of the routed calls
   * @param freshIds ids never given before: of messages, visitors, orders
   */
  Shopper(
      long seed,
      int customers,
      int largestBatch,
      String route,
      Clock clock,
      Supplier<String> freshIds) {
    this.random = new Random(seed);
    this.customers = new Zipf(customers, 0.9);
    this.largestBatch = Math.min(largestBatch, SMALL_BATCH);
    this.route = route;
    this.clock = clock;
    this.freshIds = freshIds;
    for (int i = 0; i < VISITORS; i++) {
      visitors[i] = freshIds.get();
    }
  }

  Call next() {
    Action action = Action.pick(random.nextInt(100));
    String customer = customer();
    return switch (action) {
      case VIEW -> track("view", product("Product Viewed", customer));
      case CART -> track("cart", product("Product Added", customer));
      case FAVOURITE -> track("favourite", product("Product Added to Wishlist", customer));
      case PURCHASE -> track("purchase", order(customer));
      case PAGE -> Call.event("page", "/v1/page", Api.json(visit("page", customer)));
      case SCREEN -> Call.event("screen", "/v1/screen", Api.json(visit("screen", customer)));
      case IDENTIFY -> Call.event("identify", "/v1/identify", Api.json(identify(customer)));
      case BROWSE -> browse();
      case SIGN_IN -> signIn(customer);
      case ALIAS -> alias(customer);
      case BATCH -> batch(customer);
      case PROFILE -> Call.read(Call.PROFILE, "/v1/customers/" + customer + "/profile");
      case ROUTED -> Call.read("routed", route);
    };
  }

  private String customer() {
    return Integer.toString(FIRST_CUSTOMER + customers.sample(random));
  }

  private static Call track(String operation, Map<String, Object> event) {
    return Call.event(operation, "/v1/track", Api.json(event));
  }

  private Map<String, Object> message(String type) {
    var message = new LinkedHashMap<String, Object>();
    message.put("type", type);
    message.put("messageId", freshIds.get());
    message.put("timestamp", clock.instant().toString());
    return message;
  }

  private Map<String, Object> product(String event, String customer) {
    var message = message("track");
    message.put("event", event);
    message.put("userId", customer);
    message.put("properties", product());
    return message;
  }

  private Map<String, Object> product() {
    int product = products.sample(random);
    var properties = new LinkedHashMap<String, Object>();
    properties.put("productId", "p-" + product);
    properties.put("category", CATEGORIES.get(product % CATEGORIES.size()));
    properties.put("price", 9.9 + product % 500);
    properties.put("currency", "CNY");
    return properties;
  }

  private Map<String, Object> order(String customer) {
    var properties = product();
    properties.put("orderId", freshIds.get());
    properties.put("total", properties.get("price"));
    var message = message("track");
    message.put("event", "Order Completed");
    message.put("userId", customer);
    message.put("properties", properties);
    return message;
  }

  private Map<String, Object> visit(String type, String customer) {
    var message = message(type);
    message.put("userId", customer);
    message.put("name", one(List.of("Home", "Search", "Cart", "Sale", "Orders")));
    message.put("properties", Map.of("path", "/" + one(CATEGORIES).replace(' ', '-')));
    return message;
  }

  private Map<String, Object> identify(String customer) {
    var traits = new LinkedHashMap<String, Object>();
    traits.put("name", one(NAMES));
    traits.put("email", customer + "@example.com");
    traits.put("city", one(CITIES));
    traits.put("level", one(LEVELS));
    var message = message("identify");
    message.put("userId", customer);
    message.put("traits", traits);
    return message;
  }

  private Call browse() {
    var message = message("track");
    message.put("event", "Product Viewed");
    message.put("anonymousId", visitors[random.nextInt(VISITORS)]);
    message.put("properties", product());
    return track("browse", message);
  }

  /** An anonymous visitor turns out to be this customer; another one takes the place. */
  private Call signIn(String customer) {
    int place = random.nextInt(VISITORS);
    var message = identify(customer);
    message.put("anonymousId", visitors[place]);
    visitors[place] = freshIds.get();
    return Call.event("sign in", "/v1/identify", Api.json(message));
  }

  private Call alias(String customer) {
    int place = random.nextInt(VISITORS);
    var message = message("alias");
    message.put("userId", customer);
    message.put("previousId", visitors[place]);
    visitors[place] = freshIds.get();
    return Call.event("alias", "/v1/alias", Api.json(message));
  }

  private Call batch(String customer) {
    var events = new ArrayList<Map<String, Object>>();
    int size = 1 + random.nextInt(largestBatch);
    for (int i = 0; i < size; i++) {
      events.add(i % 3 == 2 ? visit("page", customer) : product("Product Viewed", customer));
    }
    return Call.event("batch", "/v1/batch", Api.json(Map.of("batch", events)));
  }

  private String one(List<String> of) {
    return of.get(random.nextInt(of.size()));
  }
}
