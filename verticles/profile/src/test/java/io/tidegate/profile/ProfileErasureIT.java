package io.tidegate.profile;

import static io.tidegate.profile.ProfileStack.await;
import static io.tidegate.profile.ProfileStack.failure;
import static io.tidegate.profile.ProfileStack.newId;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bus.Failure;
import io.tidegate.bus.Trace;
import io.tidegate.devstack.Await;
import io.tidegate.devstack.RedisServer;
import io.tidegate.devstack.TestServers;
import io.tidegate.platform.Migrations;
import io.tidegate.proto.profile.EraseReply;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProfileErasureIT {
  private static final Duration SOON = Duration.ofSeconds(10);

  private ProfileStack stack;

  @BeforeAll
  void start() throws Exception {
    stack = ProfileStack.shared();
    stack.sql("CREATE TABLE events_default PARTITION OF events DEFAULT");
  }

  @AfterAll
  void stop() throws Exception {
    stack.close();
  }

  @Test
  void erasingAnAliasErasesTheWholeCustomerEverywhere() throws Exception {
    String alias = newId();
    String customer = newId();
    String stranger = newId();
    stack.write(alias, 4);
    stack.write(customer, 9);
    stack.write(stranger, 1);
    stack.merge(alias, customer, 10);
    event(alias);
    event(customer);
    event(customer);
    event(stranger);
    for (String id : List.of(alias, customer, stranger)) {
      stack.find(id);
      Await.until("filled", SOON, () -> stack.held(id, "j") != null);
    }
    ProfileLookup elsewhere = stack.nearSide();
    await(elsewhere.find(customer, Trace.NONE));

    EraseReply reply = erase(alias);

    assertThat(reply.getExisted()).isTrue();
    assertThat(reply.getEventsDeleted()).isEqualTo(3);
    assertThat(reply.getChangesList())
        .allMatch(change -> change.getErased() && change.getVersion() == 11)
        .hasSize(2);
    for (String id : List.of(alias, customer)) {
      assertThat(stack.lookup.cached(id)).isNull();
      assertThat(stack.held(id, "j")).isNull();
      assertThat(stack.held(id, "v")).isEqualTo("11");
      assertThat(stack.find(id).exists()).isFalse();
      assertThat(stack.find(id).version()).isEqualTo(11);
      Row row = row(id);
      assertThat(row.getBoolean("present")).isFalse();
      assertThat(row.getString("merged_into")).isNull();
      assertThat(row.getOffsetDateTime("erased_at")).isNotNull();
      assertThat(row.getString("traits")).isEqualTo("{}");
      assertThat(row.getString("counts")).isEqualTo("{}");
      assertThat(row.getArrayOfStrings("anonymous_ids")).isEmpty();
      assertThat(row.getArrayOfStrings("tags")).isEmpty();
      assertThat(row.getOffsetDateTime("first_seen")).isNull();
      assertThat(row.getLong("interactions")).isZero();
    }
    Await.until(
        "other nodes drop it",
        Duration.ofSeconds(1),
        () -> !await(elsewhere.find(customer, Trace.NONE)).exists());
    assertThat(stack.find(stranger).exists()).isTrue();
    assertThat(stack.sql("SELECT 1 FROM events WHERE customer_id = $1", stranger).size())
        .isEqualTo(1);
  }

  @Test
  void eventsOfAnIdThatChangedHandsGoWithWhoeverInheritedThem() throws Exception {
    String device = newId();
    String first = newId();
    String second = newId();
    stack.write(first, 1);
    stack.write(second, 1);
    stack.merge(device, second, 3);
    stack.sql("UPDATE customers SET heir = $1 WHERE id = $2", first, device);
    event(device);
    event(first);
    event(second);

    assertThat(erase(first).getEventsDeleted()).isEqualTo(2);
    assertThat(stack.find(device).exists()).isTrue();
    assertThat(erase(second).getEventsDeleted()).isEqualTo(1);
    assertThat(stack.find(device).exists()).isFalse();
  }

  @Test
  void veryManyEventsGoAFewAtATime() throws Exception {
    String customer = newId();
    String alias = newId();
    stack.write(customer, 1);
    stack.merge(alias, customer, 2);
    int many = EventEraser.MOST_AT_ONCE + 1_000;
    events(customer, many, "now() - interval '1 hour'");
    events(alias, many, "now() - interval '1 hour'");
    events(alias, 1, "now() + interval '1 minute'"); // by a clock that is ahead

    assertThat(erase(alias).getEventsDeleted()).isEqualTo(2 * many + 1);
    assertThat(storedEvents(customer) + storedEvents(alias)).isZero();
    assertThat(row(customer).getBoolean("present")).isFalse();
    assertThat(stack.sql("SELECT 1 FROM erasures").size()).isZero();
  }

  @Test
  void whatWasLeftOfAnErasureIsFinishedAndWhatCameSinceStays() throws Exception {
    String customer = newId();
    stack.write(customer, 1);
    erase(customer);
    events(customer, EventEraser.MOST_AT_ONCE + 10, "now() - interval '1 hour'");
    stack.sql("UPDATE customers SET present = true WHERE id = $1", customer);
    events(customer, 3, "now()");
    // As a process leaves it that ended after its commit.
    stack.sql(
        "INSERT INTO erasures SELECT id, id, erased_at FROM customers WHERE id = $1", customer);

    new EventEraser(stack.pool).resume();

    Await.until("finished", SOON, () -> stack.sql("SELECT 1 FROM erasures").size() == 0);
    assertThat(storedEvents(customer)).isEqualTo(3);
  }

  @Test
  void whoWasNeverSeenLeavesATombstone() throws Exception {
    String id = newId();

    EraseReply reply = erase(id);

    assertThat(reply.getExisted()).isFalse();
    assertThat(reply.getEventsDeleted()).isZero();
    assertThat(row(id).getOffsetDateTime("erased_at")).isNotNull();
    assertThat(row(id).getBoolean("present")).isFalse();
  }

  @Test
  void erasingTwiceIsSafe() throws Exception {
    String id = newId();
    stack.write(id, 1);

    assertThat(erase(id).getExisted()).isTrue();
    assertThat(erase(id).getExisted()).isFalse();
    assertThat(stack.find(id).exists()).isFalse();
  }

  @Test
  void aWriterThatInsertsTheCustomerAtTheSameTimeIsWaitedFor() throws Exception {
    String id = newId();
    SqlConnection writer = await(stack.pool.getConnection());
    Transaction transaction = await(writer.begin());
    await(
        writer
            .preparedQuery(
                "INSERT INTO customers (id, present, traits, version) VALUES ($1, true, '{\"a\": 1}', 1)")
            .execute(Tuple.of(id)));

    Future<EraseReply> erasure = stack.lookup.erase(id, "test", Trace.NONE);
    Await.until("it waits for the writer", SOON, () -> waitingForLocks() > 0);
    assertThat(erasure.isComplete()).isFalse();
    await(transaction.commit());
    await(writer.close());

    assertThat(await(erasure).getExisted()).isTrue();
    assertThat(row(id).getBoolean("present")).isFalse();
    assertThat(row(id).getString("traits")).isEqualTo("{}");
    assertThat(stack.find(id).exists()).isFalse();
  }

  @Test
  void anAliasMergedInAtTheSameTimeIsErasedToo() throws Exception {
    String customer = newId();
    String alias = newId();
    stack.write(customer, 1);
    SqlConnection writer = await(stack.pool.getConnection());
    Transaction transaction = await(writer.begin());
    await(
        writer
            .preparedQuery("SELECT 1 FROM customers WHERE id = $1 FOR UPDATE")
            .execute(Tuple.of(customer)));
    await(
        writer
            .preparedQuery("INSERT INTO customers (id, merged_into, version) VALUES ($1, $2, 5)")
            .execute(Tuple.of(alias, customer)));

    Future<EraseReply> erasure = stack.lookup.erase(customer, "test", Trace.NONE);
    Await.until("it waits for the writer", SOON, () -> waitingForLocks() > 0);
    await(transaction.commit());
    await(writer.close());

    assertThat(await(erasure).getChangesCount()).isEqualTo(2);
    assertThat(row(alias).getString("merged_into")).isNull();
    assertThat(row(alias).getLong("version")).isEqualTo(6);
  }

  @Test
  void manyAtOnceDoNotLockEachOtherOut() throws Exception {
    String customer = newId();
    List<String> ids = new ArrayList<>(List.of(customer));
    stack.write(customer, 1);
    for (int i = 0; i < 5; i++) {
      String alias = newId();
      stack.merge(alias, customer, 2 + i);
      ids.add(alias);
    }
    List<Future<EraseReply>> erasures = new ArrayList<>();
    ids.forEach(id -> erasures.add(stack.lookup.erase(id, "test", Trace.NONE)));

    await(Future.all(erasures));
    for (String id : ids) {
      assertThat(stack.find(id).exists()).isFalse();
    }
    assertThat(erasures.stream().filter(erasure -> erasure.result().getExisted())).hasSize(1);
  }

  @Test
  void locksAreFoundByIndex() throws Exception {
    stack.sql(
        "INSERT INTO customers (id) SELECT 'bulk-' || i FROM generate_series(1, 20000) i ON CONFLICT DO NOTHING");
    stack.sql("ANALYZE customers");
    StringBuilder plan = new StringBuilder();
    for (Row row :
        await(
            stack
                .pool
                .query("EXPLAIN " + ProfileEraser.LOCK.replace("$1", "'bulk-7'"))
                .execute())) {
      plan.append(row.getString(0)).append('\n');
    }

    assertThat(plan.toString()).contains("Bitmap").doesNotContain("Seq Scan");
  }

  @Test
  void whileRedisIsLostAnErasureIsRefusedAndNothingOfItDone() throws Exception {
    String database = TestServers.newDatabase();
    Migrations.migrate(database);
    try (RedisServer redis = TestServers.ownRedis();
        ProfileStack own = new ProfileStack(database, redis.uri())) {
      String id = newId();
      own.write(id, 1);
      redis.stop();

      assertThat(failure(own.lookup.erase(id, "test", Trace.NONE)))
          .isEqualTo(Failure.STORE_UNAVAILABLE);
      assertThat(own.find(id).exists()).isTrue();

      redis.startAgain();
      Await.until(
          "erased", SOON, () -> await(own.lookup.erase(id, "test", Trace.NONE)).getExisted());
      assertThat(own.find(id).exists()).isFalse();
    }
  }

  private EraseReply erase(String id) throws Exception {
    return await(stack.lookup.erase(id, "test", Trace.NONE));
  }

  private void event(String customer) throws Exception {
    stack.sql(
        """
        INSERT INTO events (received_at, message_id, customer_id, type, happened_at, source, data)
        VALUES (now(), $1, $2, 'track', now(), 'dev', '{}')""",
        newId(),
        customer);
  }

  private void events(String customer, int count, String receivedAt) throws Exception {
    stack.sql(
        """
        INSERT INTO events (received_at, message_id, customer_id, type, happened_at, source, data)
        SELECT %s, gen_random_uuid(), $1, 'track', now(), 'dev', '{}' FROM generate_series(1, $2)"""
            .formatted(receivedAt),
        customer,
        count);
  }

  private long storedEvents(String id) throws Exception {
    return stack
        .sql("SELECT count(*) FROM events WHERE customer_id = $1", id)
        .iterator()
        .next()
        .getLong(0);
  }

  private Row row(String id) throws Exception {
    return stack
        .sql(
            """
            SELECT present, merged_into, erased_at, traits::text AS traits, counts::text AS counts,
              anonymous_ids, tags, first_seen, interactions, version
            FROM customers WHERE id = $1""",
            id)
        .iterator()
        .next();
  }

  private long waitingForLocks() throws Exception {
    return stack
        .sql(
            "SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
        .iterator()
        .next()
        .getLong("n");
  }
}
