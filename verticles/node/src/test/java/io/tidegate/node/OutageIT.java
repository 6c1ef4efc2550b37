package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.devstack.Await;
import io.tidegate.devstack.KafkaServer;
import io.tidegate.devstack.PostgresServer;
import io.tidegate.devstack.RedisServer;
import io.tidegate.devstack.TestServers;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Each server taken away under traffic and given back: what was acknowledged is there, what could
 * not be done got a clear answer in time, and all recovers without a restart.
 */
class OutageIT {
  private static final Duration SLOWEST = Duration.ofSeconds(12);

  private static PostgresServer postgres;
  private static RedisServer redis;
  private static KafkaServer kafka;
  private static RunningNode node;

  @BeforeAll
  static void start() {
    postgres = TestServers.ownPostgres();
    redis = TestServers.ownRedis();
    kafka = TestServers.ownKafka();
    node = RunningNode.start(postgres.uri(), redis.uri(), kafka.bootstrapServers());
  }

  @AfterAll
  static void stop() {
    node.close();
    kafka.close();
    redis.close();
    postgres.close();
  }

  @Test
  void kafkaLost() {
    Traffic traffic = new Traffic("kafka");
    traffic.until("some are acknowledged", () -> traffic.acknowledged() > 20);
    kafka.stop();
    traffic.until("a clear refusal", () -> traffic.refused() > 0);
    assertThat(traffic.lastRefusal().statusCode()).isEqualTo(503);
    assertThat(traffic.lastRefusal().headers().firstValue("Retry-After")).isPresent();
    assertThat(new JsonObject(traffic.lastRefusal().body()).getString("detail")).isNotBlank();
    assertThat(
            node.get("/v1/customers/kafka-0/profile", node.token("kafka-0", "customer"))
                .statusCode())
        .as("lookups go on")
        .isEqualTo(200);
    kafka.startAgain();
    traffic.recoversAndIsExact();
  }

  @Test
  void postgresLost() {
    Traffic traffic = new Traffic("postgres");
    traffic.until("some are acknowledged", () -> traffic.acknowledged() > 20);
    Await.until("one is projected", Duration.ofSeconds(10), () -> profile("postgres-0") != null);
    postgres.killHard();
    int before = traffic.acknowledged();
    traffic.until("ingestion goes on", () -> traffic.acknowledged() > before + 50);
    HttpResponse<String> unknown =
        node.get(
            "/v1/customers/postgres-stranger/profile", node.token("postgres-stranger", "customer"));
    assertThat(unknown.statusCode()).as(unknown.body()).isEqualTo(503);
    assertThat(unknown.headers().firstValue("Retry-After")).isPresent();
    assertThat(profile("postgres-0")).as("a known profile is still served").isNotNull();
    postgres.startAgain();
    traffic.recoversAndIsExact();
    assertThat(traffic.refused()).as("events refused while Postgres was away").isZero();
  }

  @Test
  void redisLost() {
    Traffic traffic = new Traffic("redis");
    traffic.until("some are acknowledged", () -> traffic.acknowledged() > 20);
    redis.killHard();
    int before = traffic.acknowledged();
    traffic.until("ingestion goes on", () -> traffic.acknowledged() > before + 50);
    assertThat(profileAnswer("redis-0").statusCode())
        .as("lookups go on from Postgres")
        .isEqualTo(200);
    Await.until(
        "the limiter says that it is degraded",
        Duration.ofSeconds(5),
        () ->
            node.management("/metrics")
                .body()
                .lines()
                .anyMatch(
                    line ->
                        line.startsWith("tidegate_ratelimit_degraded") && line.endsWith(" 1.0")));
    redis.startAgain();
    traffic.recoversAndIsExact();
    assertThat(traffic.refused()).as("events refused while Redis was away").isZero();
    Await.until(
        "the limiter is whole again",
        Duration.ofSeconds(10),
        () ->
            node.management("/metrics")
                .body()
                .lines()
                .anyMatch(
                    line ->
                        line.startsWith("tidegate_ratelimit_degraded") && line.endsWith(" 0.0")));
  }

  private static JsonObject profile(String user) {
    HttpResponse<String> answer = profileAnswer(user);
    return answer.statusCode() == 200 ? new JsonObject(answer.body()) : null;
  }

  private static HttpResponse<String> profileAnswer(String user) {
    return node.get("/v1/customers/" + user + "/profile", node.token(user, "customer"));
  }

  /**
   * One client that sends events one after the other, sends a refused one again, and keeps the
   * books.
   */
  private static final class Traffic {
    private final String name;
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final Map<String, Integer> books = new ConcurrentHashMap<>();
    private volatile HttpResponse<String> lastRefusal;
    private volatile Throwable failure;
    private final Thread thread;

    Traffic(String name) {
      this.name = name;
      this.thread = Thread.ofVirtual().start(this::run);
    }

    private void run() {
      try {
        for (int i = 0; running.get(); ) {
          String user = name + "-" + i % 7;
          long begin = System.nanoTime();
          HttpResponse<String> answer =
              node.post(
                  "/v1/track",
                  "{\"userId\":\"%s\",\"event\":\"Product Viewed\",\"messageId\":\"%s-%d\"}"
                      .formatted(user, name, i));
          assertThat(Duration.ofNanos(System.nanoTime() - begin))
              .as("never a hang")
              .isLessThan(SLOWEST);
          if (answer.statusCode() == 200) {
            acknowledged.incrementAndGet();
            books.merge(user, 1, Integer::sum);
            i++;
          } else {
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
            refused.incrementAndGet();
            lastRefusal = answer;
          }
        }
      } catch (Throwable e) {
        failure = e;
      }
    }

    int acknowledged() {
      return acknowledged.get();
    }

    int refused() {
      return refused.get();
    }

    HttpResponse<String> lastRefusal() {
      return lastRefusal;
    }

    void until(String what, Await.Condition condition) {
      Await.until(
          what,
          Duration.ofSeconds(30),
          () -> {
            assertThat(failure).isNull();
            return condition.holds();
          });
    }

    /**
     * More is acknowledged, the node is ready, and every profile counts exactly what was
     * acknowledged.
     */
    void recoversAndIsExact() {
      int before = acknowledged();
      until("more is acknowledged", () -> acknowledged() > before + 50);
      Await.until("the node is ready again", Duration.ofSeconds(30), node::ready);
      running.set(false);
      try {
        thread.join(SLOWEST);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      assertThat(failure).isNull();
      new TreeMap<>(books)
          .forEach(
              (user, count) ->
                  Await.until(
                      user + " has " + count,
                      Duration.ofSeconds(30),
                      () -> {
                        JsonObject profile = profile(user);
                        return profile != null
                            && profile.getLong("interactions") == count.longValue();
                      }));
    }
  }
}
