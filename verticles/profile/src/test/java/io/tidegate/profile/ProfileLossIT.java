package io.tidegate.profile;

import static io.tidegate.profile.ProfileStack.await;
import static io.tidegate.profile.ProfileStack.failure;
import static io.tidegate.profile.ProfileStack.newId;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bus.Failure;
import io.tidegate.bus.Trace;
import io.tidegate.devstack.Await;
import io.tidegate.devstack.PostgresServer;
import io.tidegate.devstack.RedisServer;
import io.tidegate.devstack.TestServers;
import io.tidegate.platform.Migrations;
import io.vertx.core.Future;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Each server taken away and given back, without a restart of anything else. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProfileLossIT {
  private static final Duration SOON = Duration.ofSeconds(15);

  private PostgresServer postgres;
  private RedisServer redis;
  private ProfileStack stack;

  @BeforeAll
  void startServers() {
    postgres = TestServers.ownPostgres();
    redis = TestServers.ownRedis();
    Migrations.migrate(postgres.uri());
  }

  @AfterAll
  void stopServers() {
    postgres.close();
    redis.close();
  }

  @BeforeEach
  void start() throws Exception {
    stack =
        new ProfileStack(
            postgres.uri(),
            redis.uri(),
            "fresh-for",
            "50ms",
            "revalidate-for",
            "50ms",
            "retry-after",
            "50ms");
  }

  @AfterEach
  void stop() throws Exception {
    stack.close();
  }

  @Test
  void redisLost() throws Exception {
    String id = held(1);
    redis.killHard();

    stack.write(id, 2);
    stack.tell(id, 2);
    Await.until("Postgres answers", SOON, () -> stack.findAnew(id).version() == 2);
    ProfileView without = stack.findAnew(id);
    assertThat(without.layer()).isEqualTo(Layer.POSTGRES);
    assertThat(without.stale()).isFalse();

    redis.startAgain();
    Await.until("Redis answers again", SOON, () -> stack.findAnew(id).layer() == Layer.REDIS);
    assertThat(stack.findAnew(id).version()).isEqualTo(2);
  }

  @Test
  void whatRedisKeptWhileItWasAwayIsNotBelieved() throws Exception {
    String id = held(1);
    redis.pause(); // it keeps what it has, and hears nothing
    Await.until(
        "given up",
        SOON,
        () -> {
          stack.findAnew(newId());
          return stack.count("tidegate.profile.redis.reads", "outcome", "error") > 0;
        });
    stack.write(id, 2);
    stack.tell(id, 2);
    redis.resume();

    Await.until("Redis answers again", SOON, () -> stack.findAnew(id).layer() == Layer.REDIS);
    assertThat(stack.findAnew(id).version()).isEqualTo(2);
  }

  @Test
  void postgresLost() throws Exception {
    String id = held(1);
    String other = held(1);
    stack.find(id);
    postgres.killHard();

    ProfileView fromRedis = stack.findAnew(id);
    assertThat(fromRedis.version()).isEqualTo(1);
    stack.tell(other, 2); // known to have changed, and what it is now can't be read
    Await.until("the floor", SOON, () -> "2".equals(stack.held(other, "v")));
    ProfileView outdated = stack.findAnew(other);
    assertThat(outdated.version()).isEqualTo(1);
    assertThat(outdated.stale()).isTrue();
    assertThat(stack.count("tidegate.profile.fallbacks")).isPositive();
    assertThat(failure(stack.lookup.find(newId(), Trace.NONE)))
        .isEqualTo(Failure.STORE_UNAVAILABLE);
    assertThat(stack.count("tidegate.profile.postgres.errors")).isPositive();

    postgres.startAgain();
    Await.until("it is back", SOON, () -> !stack.findAnew(newId()).exists());
    stack.write(other, 2);
    Await.until("the truth again", SOON, () -> stack.findAnew(other).version() == 2);
    assertThat(stack.findAnew(other).stale()).isFalse();
  }

  @Test
  void bothLost() throws Exception {
    String id = held(1);
    assertThat(stack.find(id).version()).isEqualTo(1);
    redis.killHard();
    postgres.killHard();

    Await.until("what is held, marked", SOON, () -> stack.find(id).stale());
    assertThat(stack.find(id).layer()).isEqualTo(Layer.PROCESS);
    assertThat(failure(stack.lookup.find(newId(), Trace.NONE)))
        .isEqualTo(Failure.STORE_UNAVAILABLE);

    redis.startAgain();
    postgres.startAgain();
    Await.until(
        "current again", SOON, () -> !stack.find(id).stale() && !stack.findAnew(newId()).exists());
  }

  @Test
  void aFrozenPostgresIsGivenUpInTime() throws Exception {
    String id = held(1);
    stack.tell(id, 2);
    Await.until("the floor", SOON, () -> "2".equals(stack.held(id, "v")));
    ProfileLookup cold = stack.nearSide();
    postgres.pause();
    try {
      ProfileView view = await(cold.find(id, Trace.NONE));

      assertThat(view.stale()).isTrue();
      assertThat(view.version()).isEqualTo(1);
    } finally {
      postgres.resume();
    }
    stack.write(id, 2);
    Await.until("the truth again", SOON, () -> await(cold.find(id, Trace.NONE)).version() == 2);
  }

  @Test
  void whoWaitsTooLongForAQueryIsRefused() throws Exception {
    try (ProfileStack narrow =
        new ProfileStack(postgres.uri(), redis.uri(), "max-queries", "1", "wait-limit", "200ms")) {
      Await.until("it answers", SOON, () -> !narrow.find(newId()).exists());
      long queries = narrow.meters.summary("tidegate.profile.postgres.batch").count();
      double refused = narrow.count("tidegate.profile.postgres.refused");
      postgres.pause();
      try {
        Future<ProfileView> asked = narrow.lookup.find(newId(), Trace.NONE);
        Await.until(
            "the query is under way",
            SOON,
            () -> narrow.meters.summary("tidegate.profile.postgres.batch").count() > queries);
        Future<ProfileView> waiting = narrow.lookup.find(newId(), Trace.NONE);

        assertThat(failure(waiting)).isEqualTo(Failure.OVERLOADED);
        assertThat(failure(asked)).isEqualTo(Failure.STORE_UNAVAILABLE);
        assertThat(narrow.count("tidegate.profile.postgres.refused")).isEqualTo(refused + 1);
      } finally {
        postgres.resume();
      }
      Await.until("it is back", SOON, () -> !narrow.find(newId()).exists());
    }
  }

  @Test
  void aNodeStartsWithoutEitherAndFindsThem() throws Exception {
    redis.killHard();
    postgres.killHard();
    try (ProfileStack early = new ProfileStack(postgres.uri(), redis.uri())) {
      assertThat(failure(early.lookup.find(newId(), Trace.NONE)))
          .isEqualTo(Failure.STORE_UNAVAILABLE);

      redis.startAgain();
      postgres.startAgain();
      String id = newId();
      Await.until("Postgres", SOON, () -> !early.find(id).exists());
      Await.until("Redis", SOON, () -> early.findAnew(id).layer() == Layer.REDIS);
    } finally {
      if (!redis.isRunning()) {
        redis.startAgain();
      }
      if (!postgres.isRunning()) {
        postgres.startAgain();
      }
    }
  }

  /** A customer that both hold. */
  private String held(long version) throws Exception {
    String id = newId();
    stack.write(id, version);
    Await.until(
        "held by Redis", SOON, () -> stack.findAnew(id).exists() && stack.held(id, "w") != null);
    return id;
  }
}
