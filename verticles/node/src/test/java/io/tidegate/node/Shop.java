package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.devstack.Await;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Shop behaviour made for tests, and its bookkeeping: what every profile must say. */
final class Shop {
  private static final String[] KINDS = {"pv", "pv", "pv", "pv", "pv", "cart", "fav", "buy"};
  private static final Map<String, String> NAMES =
      Map.of(
          "pv", "Product Viewed",
          "cart", "Product Added",
          "fav", "Product Added to Wishlist",
          "buy", "Order Completed");

  private final Path file;
  private final Map<String, Map<String, Integer>> expected = new TreeMap<>();
  private final int rows;

  /** Writes a behaviour file; some rows come twice, as in real ones. */
  Shop(Path file, long seed, int rows, int users) throws IOException {
    this.file = file;
    this.rows = rows;
    SplittableRandom random = new SplittableRandom(seed);
    StringBuilder csv = new StringBuilder();
    String last = "";
    for (int i = 0; i < rows; i++) {
      if (i == 0 || random.nextInt(50) > 0) {
        int user = (int) (users * Math.pow(random.nextDouble(), 3));
        last =
            "u%d-%d,%d,%d,%s,%d"
                .formatted(
                    seed,
                    user,
                    random.nextInt(1_000),
                    random.nextInt(50),
                    KINDS[random.nextInt(KINDS.length)],
                    1_511_848_894L + random.nextInt(86_400));
      }
      csv.append(last).append('\n');
      String[] columns = last.split(",", -1);
      expected
          .computeIfAbsent(columns[0], user -> new HashMap<>())
          .merge(NAMES.get(columns[3]), 1, Integer::sum);
    }
    Files.writeString(file, csv);
  }

  int rows() {
    return rows;
  }

  /** Runs {@code simulate --file} in this process; its exit code. */
  int replay(RunningNode node, String... more) {
    String[] arguments = new String[7 + more.length];
    System.arraycopy(
        new String[] {
          "simulate", "--url", node.url(), "--file", file.toString(), "--write-key", "dev"
        },
        0,
        arguments,
        0,
        7);
    System.arraycopy(more, 0, arguments, 7, more.length);
    return Tidegate.commandLine().execute(arguments);
  }

  /** Waits until every profile says what the file says, exactly. */
  void awaitExactProfiles(RunningNode node) {
    String token = node.token("auditor", "supervisor");
    expected.forEach(
        (user, counts) -> {
          Map<String, Object> wanted = new TreeMap<>(counts);
          Await.until(
              "the counts of " + user + " are " + wanted,
              Duration.ofSeconds(30),
              () ->
                  new TreeMap<>(
                          profile(node, token, user)
                              .getJsonObject("counts", new JsonObject())
                              .getMap())
                      .equals(wanted));
        });
    assertProfilesExact(node);
  }

  /** Checks every profile once, derived figures included. */
  void assertProfilesExact(RunningNode node) {
    String token = node.token("auditor", "supervisor");
    expected.forEach(
        (user, counts) -> {
          JsonObject profile = profile(node, token, user);
          int purchases = counts.getOrDefault("Order Completed", 0);
          int interactions = counts.values().stream().mapToInt(Integer::intValue).sum();
          assertThat(new TreeMap<>(profile.getJsonObject("counts").getMap()))
              .as(user)
              .isEqualTo(new TreeMap<String, Object>(counts));
          assertThat(profile.getInteger("purchases")).as(user).isEqualTo(purchases);
          assertThat(profile.getInteger("interactions")).as(user).isEqualTo(interactions);
          assertThat(profile.getJsonArray("tags"))
              .as(user)
              .containsExactly(purchases > 5 && interactions > 10 ? "high-value" : "potential");
        });
  }

  private static JsonObject profile(RunningNode node, String token, String user) {
    var answer = node.get("/v1/customers/" + user + "/profile", token);
    return answer.statusCode() == 200 ? new JsonObject(answer.body()) : new JsonObject();
  }
}
