package io.tidegate.profile;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.bus.Trace;
import io.tidegate.devstack.TestServers;
import io.tidegate.platform.ConfigLoader;
import io.tidegate.platform.Migrations;
import io.tidegate.platform.Postgres;
import io.tidegate.platform.PostgresConfig;
import io.tidegate.platform.RedisConfig;
import io.tidegate.proto.profile.ProfileChange;
import io.tidegate.proto.profile.ProfilesChanged;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** A node with both faces of profile lookup, on real servers; and other nodes' near sides. */
final class ProfileStack implements AutoCloseable {
  final Vertx vertx = Vertx.vertx();
  final Bus bus = new Bus(vertx);
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final ProfileConfig config;
  final RedisConfig redisConfig;
  final Pool pool;
  final Redis redis;
  final ProfileLookup lookup;

  /** On the shared servers, with a database of its own. */
  static ProfileStack shared(String... keysAndValues) throws Exception {
    String database = TestServers.newDatabase();
    Migrations.migrate(database);
    return new ProfileStack(database, TestServers.redis().uri(), keysAndValues);
  }

  /**
   * @param postgres a migrated database
   * @param keysAndValues profile's configuration
   */
  ProfileStack(String postgres, String redisUri, String... keysAndValues) throws Exception {
    config = Profiles.config(keysAndValues);
    redisConfig =
        ConfigLoader.section(
            RedisConfig.class, Map.of("redis.uri", redisUri, "redis.reconnect-every", "100ms"));
    Map<String, String> settings = new HashMap<>();
    settings.put("postgres.uri", postgres);
    settings.put("postgres.connect-timeout", "5s");
    pool = Postgres.pool(vertx, ConfigLoader.section(PostgresConfig.class, settings), "profile");
    redis = Redis.createClient(vertx, redisUri);
    await(vertx.deployVerticle(new ProfileVerticle(bus, config, pool, pool, redisConfig, meters)));
    lookup = nearSide();
  }

  /** A near side that holds nothing yet. */
  ProfileLookup nearSide() throws Exception {
    ProfileLookup fresh = new ProfileLookup(bus, vertx, config, new SimpleMeterRegistry());
    await(fresh.start());
    return fresh;
  }

  /** An id that no other test uses: Redis is shared. */
  static String newId() {
    return UUID.randomUUID().toString();
  }

  /** Writes a customer as the projection would, and leaves the telling to the caller. */
  void write(String id, long version) throws Exception {
    sql(
        """
        INSERT INTO customers (id, present, traits, counts, purchases, interactions, tags,
          first_seen, last_seen, version)
        VALUES ($1, true, '{"name": "Anna"}', '{"Product Viewed": 2}', 0, 2, '{potential}',
          '2026-01-02T03:04:05Z', '2026-01-02T03:04:06.5Z', $2)
        ON CONFLICT (id) DO UPDATE SET version = $2, present = true""",
        id,
        version);
  }

  /** Merges an id into another customer. */
  void merge(String alias, String customer, long version) throws Exception {
    sql(
        """
        INSERT INTO customers (id, merged_into, version) VALUES ($1, $2, $3)
        ON CONFLICT (id) DO UPDATE SET merged_into = $2, present = false, version = $3""",
        alias,
        customer,
        version);
    sql(
        "UPDATE customers SET anonymous_ids = anonymous_ids || $1::text, version = $3 WHERE id = $2",
        alias,
        customer,
        version);
  }

  void tell(String id, long version) {
    bus.publish(
        BusMap.PROFILE_CHANGED,
        ProfilesChanged.newBuilder()
            .addChanges(ProfileChange.newBuilder().setId(id).setVersion(version))
            .build());
  }

  ProfileView find(String id) throws Exception {
    return await(lookup.find(id, Trace.NONE));
  }

  /** What a node that holds nothing finds. */
  ProfileView findAnew(String id) throws Exception {
    return await(nearSide().find(id, Trace.NONE));
  }

  RowSet<Row> sql(String text, Object... parameters) throws Exception {
    return await(pool.preparedQuery(text).execute(Tuple.from(parameters)));
  }

  Response redis(Command command, String... arguments) throws Exception {
    Request request = Request.cmd(command);
    for (String argument : arguments) {
      request.arg(argument);
    }
    return await(redis.send(request));
  }

  /** A field of what Redis holds for an id; null when it holds none. */
  String held(String id, String field) throws Exception {
    Response value = redis(Command.HGET, RedisTier.PREFIX + id, field);
    return value == null ? null : value.toString();
  }

  double count(String name, String... tags) {
    return meters.counter(name, tags).count();
  }

  static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  static Failure failure(Future<?> future) {
    try {
      await(future);
    } catch (Exception e) {
      if (e.getCause() instanceof FailureException expected) {
        return expected.failure();
      }
      throw new AssertionError(e);
    }
    throw new AssertionError("it succeeded");
  }

  @Override
  public void close() throws Exception {
    await(vertx.close());
  }
}
