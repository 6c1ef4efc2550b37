package io.tidegate.profile;

import static io.tidegate.profile.ProfileStack.await;
import static io.tidegate.profile.ProfileStack.failure;
import static io.tidegate.profile.ProfileStack.newId;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.Failure;
import io.tidegate.bus.Trace;
import io.tidegate.devstack.Await;
import io.tidegate.platform.RedisLink;
import io.tidegate.proto.profile.FindReply;
import io.tidegate.proto.profile.FindRequest;
import io.tidegate.proto.profile.Profile;
import io.tidegate.proto.profile.ProfileChange;
import io.tidegate.proto.profile.ProfilesChanged;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProfileLayersIT {
  private static final Duration SOON = Duration.ofSeconds(10);

  private ProfileStack stack;

  @BeforeAll
  void start() throws Exception {
    stack = ProfileStack.shared();
    believeRedis(stack);
  }

  @AfterAll
  void stop() throws Exception {
    stack.close();
  }

  /**
   * Waits until entries in Redis are believed: what was filled and answered from there shows it.
   */
  private static void believeRedis(ProfileStack stack) throws Exception {
    Await.until(
        "Redis is believed",
        SOON,
        () -> {
          String probe = newId();
          stack.write(probe, 1);
          stack.findAnew(probe);
          Await.until("filled", SOON, () -> stack.held(probe, "w") != null);
          return stack.findAnew(probe).layer() == Layer.REDIS;
        });
  }

  @Test
  void layerByLayer() throws Exception {
    String id = newId();
    stack.write(id, 3);

    ProfileView first = stack.find(id);
    assertThat(first.layer()).isEqualTo(Layer.POSTGRES);
    assertThat(first.version()).isEqualTo(3);
    assertThat(first.json().toString())
        .isEqualTo(
            "{\"id\":\""
                + id
                + "\",\"traits\":{\"name\": \"Anna\"},\"anonymousIds\":[],\"counts\":{\"Product Viewed\": 2},"
                + "\"purchases\":0,\"interactions\":2,\"firstSeen\":\"2026-01-02T03:04:05Z\","
                + "\"lastSeen\":\"2026-01-02T03:04:06.500Z\",\"tags\":[\"potential\"],\"version\":3}");
    assertThat(stack.find(id).layer()).isEqualTo(Layer.PROCESS);

    Await.until("filled", SOON, () -> stack.held(id, "w") != null);
    ProfileView elsewhere = stack.findAnew(id);
    assertThat(elsewhere.layer()).isEqualTo(Layer.REDIS);
    assertThat(elsewhere.json()).isEqualTo(first.json());
    assertThat(elsewhere.etag()).isEqualTo(first.etag());
    assertThat(stack.redis(Command.PTTL, RedisTier.PREFIX + id).toLong())
        .isBetween(Duration.ofHours(23).toMillis(), Duration.ofHours(24).toMillis());
  }

  @Test
  void anAliasShowsItsCustomer() throws Exception {
    String alias = newId();
    String customer = newId();
    stack.write(alias, 5);
    stack.write(customer, 2);
    assertThat(stack.find(alias).version()).isEqualTo(5);

    stack.merge(alias, customer, 6);
    stack.tell(alias, 6);
    stack.tell(customer, 6);

    Await.until("it shows", SOON, () -> stack.find(alias).version() == 6);
    Profile profile = ProfileMessages.toProto(stack.find(alias));
    assertThat(profile.getId()).isEqualTo(customer);
    assertThat(profile.getAnonymousIdsList()).containsExactly(alias);
    assertThat(profile.getVersion()).isEqualTo(6);
  }

  @Test
  void whoWasNeverSeenIsAbsentUntilSeen() throws Exception {
    String id = newId();
    assertThat(stack.find(id).exists()).isFalse();
    Await.until("filled", SOON, () -> "0".equals(stack.held(id, "w")));
    assertThat(stack.findAnew(id).layer()).isEqualTo(Layer.REDIS);
    assertThat(stack.findAnew(id).exists()).isFalse();

    stack.write(id, 1);
    stack.tell(id, 1);

    Await.until("it shows", Duration.ofSeconds(1), () -> stack.find(id).exists());
  }

  @Test
  void aRowWithoutACustomerIsAbsentWithItsVersion() throws Exception {
    String id = newId();
    stack.sql("INSERT INTO customers (id, version) VALUES ($1, 7)", id);

    ProfileView view = stack.find(id);

    assertThat(view.exists()).isFalse();
    assertThat(view.version()).isEqualTo(7);
  }

  @Test
  void aChangeShowsOnEveryNodeWithinASecond() throws Exception {
    String id = newId();
    stack.write(id, 1);
    ProfileLookup other = stack.nearSide();
    stack.find(id);
    await(other.find(id, Trace.NONE));

    for (long version = 2; version < 12; version++) {
      long wanted = version;
      stack.write(id, version);
      stack.tell(id, version);
      Await.until(
          "version " + version,
          Duration.ofSeconds(1),
          () ->
              stack.find(id).version() == wanted
                  && await(other.find(id, Trace.NONE)).version() == wanted);
    }
  }

  @Test
  void whatASlowReaderBringsIsRefusedOnceANewerVersionWasAnnounced() throws Exception {
    String id = newId();
    stack.tell(id, 8);
    Await.until("the floor", SOON, () -> "8".equals(stack.held(id, "v")));

    double refused = stack.count("tidegate.profile.redis.writes", "outcome", "refused");
    onLink(tier -> tier.fill(stored(id, 7)));
    Await.until(
        "refused",
        SOON,
        () -> stack.count("tidegate.profile.redis.writes", "outcome", "refused") > refused);
    assertThat(stack.held(id, "w")).isNull();

    onLink(tier -> tier.fill(stored(id, 8)));
    Await.until("taken", SOON, () -> "8".equals(stack.held(id, "w")));
    assertThat(stack.redis(Command.PTTL, RedisTier.PREFIX + id).toLong()).isGreaterThan(3_600_000);
  }

  @Test
  void anOddEntrySpoilsNoneThatIsStoredWithIt() throws Exception {
    String noHash = newId();
    String noVersion = newId();
    String newer = newId();
    String good = newId();
    stack.redis(Command.SET, RedisTier.PREFIX + noHash, "x");
    stack.redis(Command.HSET, RedisTier.PREFIX + noVersion, "v", "x");
    stack.redis(Command.HSET, RedisTier.PREFIX + newer, "v", "9");
    double errors = stack.count("tidegate.profile.redis.writes", "outcome", "error");
    double refused = stack.count("tidegate.profile.redis.writes", "outcome", "refused");
    onLink(
        tier -> {
          for (String id : List.of(noHash, noVersion, newer, good)) {
            tier.fill(stored(id, 8));
          }
        });
    Await.until("taken", SOON, () -> "8".equals(stack.held(good, "w")));
    Await.until(
        "counted",
        SOON,
        () ->
            stack.count("tidegate.profile.redis.writes", "outcome", "error") == errors + 2
                && stack.count("tidegate.profile.redis.writes", "outcome", "refused")
                    == refused + 1);
    assertThat(stack.held(noVersion, "w")).isNull();
    assertThat(stack.held(newer, "w")).isNull();
    assertThat(stack.redis(Command.GET, RedisTier.PREFIX + noHash)).hasToString("x");
  }

  @Test
  void aFloorAloneIsShortLivedAndLeavesALongerLifeAlone() throws Exception {
    String alone = newId();
    stack.tell(alone, 2);
    Await.until("the floor", SOON, () -> "2".equals(stack.held(alone, "v")));
    assertThat(stack.redis(Command.PTTL, RedisTier.PREFIX + alone).toLong()).isBetween(1L, 60_000L);

    String held = newId();
    stack.write(held, 1);
    stack.find(held);
    Await.until("filled", SOON, () -> "1".equals(stack.held(held, "w")));
    stack.tell(held, 2);
    Await.until("the floor", SOON, () -> "2".equals(stack.held(held, "v")));
    assertThat(stack.redis(Command.PTTL, RedisTier.PREFIX + held).toLong())
        .isGreaterThan(3_600_000);
    assertThat(stack.held(held, "w")).isEqualTo("1");
  }

  @Test
  void scriptsThatRedisForgotAreSentAgain() throws Exception {
    stack.redis(Command.SCRIPT, "FLUSH");
    String id = newId();
    stack.write(id, 1);
    stack.find(id);

    Await.until("filled", SOON, () -> "1".equals(stack.held(id, "w")));
  }

  @Test
  void missesOfOneTickGoIntoOneQuery() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      ids.add(newId());
    }
    stack.write(ids.get(42), 1);
    double queries = stack.meters.summary("tidegate.profile.postgres.batch").count();

    List<ProfileView> views = await(stack.lookup.findAll(ids, Trace.NONE));

    assertThat(views).extracting(ProfileView::id).isEqualTo(ids);
    assertThat(views.get(42).exists()).isTrue();
    assertThat(views.get(41).exists()).isFalse();
    assertThat(stack.meters.summary("tidegate.profile.postgres.batch").count() - queries)
        .isLessThanOrEqualTo(3);
    assertThat(stack.meters.summary("tidegate.profile.postgres.batch").max()).isGreaterThan(30);
  }

  @Test
  void whatIsOldInRedisIsReadFromPostgresAgain() throws Exception {
    try (ProfileStack old = ProfileStack.shared("redis-fresh-for", "1ms")) {
      String id = newId();
      old.write(id, 1);
      old.find(id);
      Await.until("filled", SOON, () -> "1".equals(old.held(id, "w")));
      old.write(id, 2); // and nobody is told

      assertThat(old.findAnew(id).version()).isEqualTo(2);
    }
  }

  @Test
  void whatIsInRedisFromBeforeTheNodeStartedIsNotBelieved() throws Exception {
    String id = newId();
    stack.write(id, 1);
    stack.find(id);
    Await.until("filled", SOON, () -> "1".equals(stack.held(id, "w")));

    try (ProfileStack later = ProfileStack.shared()) {
      later.write(id, 2); // as if changed while no far side listened

      ProfileView view = later.find(id);
      assertThat(view.version()).isEqualTo(2);
      assertThat(view.layer()).isEqualTo(Layer.POSTGRES);
      assertThat(later.count("tidegate.profile.redis.reads", "outcome", "untrusted")).isEqualTo(1);
    }
  }

  @Test
  void whatDoesNotFitIsRefusedAtOnce() throws Exception {
    try (ProfileStack narrow =
        ProfileStack.shared("max-waiting", "5", "max-queries", "1", "batch-size", "1")) {
      List<Future<ProfileView>> answers = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        answers.add(narrow.lookup.find(newId(), Trace.NONE));
      }
      int refused = 0;
      for (Future<ProfileView> answer : answers) {
        Promise<Boolean> ended = Promise.promise();
        answer.onComplete(end -> ended.complete(end.failed()));
        if (await(ended.future())) {
          assertThat(failure(answer)).isEqualTo(Failure.OVERLOADED);
          refused++;
        }
      }

      assertThat(refused).isBetween(1, 99);
      assertThat(narrow.count("tidegate.profile.postgres.refused")).isEqualTo(refused);
      assertThat(narrow.find(newId()).exists()).isFalse();
    }
  }

  @Test
  void moreChangesThanCanBeToldMakeRedisUnbelievedForAWhile() throws Exception {
    try (ProfileStack narrow = ProfileStack.shared("max-pending-floors", "1")) {
      believeRedis(narrow);
      ProfilesChanged.Builder many = ProfilesChanged.newBuilder();
      for (int i = 0; i < 3_000; i++) {
        many.addChanges(ProfileChange.newBuilder().setId(newId()).setVersion(1));
      }
      double before = narrow.count("tidegate.profile.redis.distrusted");

      narrow.bus.publish(BusMap.PROFILE_CHANGED, many.build());

      Await.until(
          "not believed", SOON, () -> narrow.count("tidegate.profile.redis.distrusted") > before);
      believeRedis(narrow);
    }
  }

  @Test
  void theFarSideRefusesWhatTheNearSideWould() throws Exception {
    FindRequest.Builder many = FindRequest.newBuilder();
    for (int i = 0; i < 101; i++) {
      many.addIds("c" + i);
    }
    assertThat(failure(stack.bus.call(BusMap.PROFILE_FIND, many.build(), Trace.NONE)))
        .isEqualTo(Failure.BAD_REQUEST);

    FindReply reply =
        await(
            stack.bus.call(
                BusMap.PROFILE_FIND,
                FindRequest.newBuilder().addIds("a\0b").addIds(newId()).build(),
                Trace.NONE));
    assertThat(reply.getProfiles(0).getFailure()).isEqualTo(Failure.BAD_REQUEST.code());
    assertThat(reply.getProfiles(1).getFailure()).isZero();
  }

  private static Stored stored(String id, long version) {
    return new Stored(
        id,
        true,
        version,
        ByteString.copyFromUtf8("{\"version\":" + version + "}"),
        System.nanoTime());
  }

  /** As another node's far side would. */
  private void onLink(Consumer<RedisTier> work) throws Exception {
    Promise<Void> done = Promise.promise();
    stack
        .vertx
        .getOrCreateContext()
        .runOnContext(
            go -> {
              RedisLink link = new RedisLink(stack.vertx, stack.redisConfig, "test");
              link.start()
                  .onSuccess(
                      up ->
                          work.accept(
                              new RedisTier(
                                  stack.vertx,
                                  link,
                                  stack.config,
                                  new StoreMeters(stack.meters),
                                  since -> 0)))
                  .onComplete(done);
            });
    await(done.future());
  }
}
