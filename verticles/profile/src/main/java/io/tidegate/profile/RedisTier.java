package io.tidegate.profile;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.tidegate.bus.FailureException;
import io.tidegate.platform.RedisLink;
import io.tidegate.platform.RedisScript;
import io.tidegate.platform.Turn;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The second layer: Redis, shared by all nodes. Belongs to one event loop.
 *
 * <p>One hash an id, {@code tidegate:profile:ID}: {@code v} the newest version known (the floor),
 * {@code w} the version held, {@code j} its bytes (empty: no such customer), {@code t} when it was
 * read, by Redis's clock in milliseconds. Scripts compare versions, so an older value never
 * replaces a newer one, nor does it come back once a newer version was announced. What a floor has
 * outdated stays for the time when Postgres does not answer; what was erased does not.
 */
final class RedisTier {
  static final String PREFIX = "tidegate:profile:";

  private static final int MAX_FLOORS_UNDER_WAY = 1_024;

  /** Profiles that wait for Redis to store them; those beyond are not stored. */
  private static final int MAX_FILLS_UNDER_WAY = 8_192;

  /**
   * For each key: version, milliseconds since it was read, lifetime, bytes. Answers 1, 0 where a
   * newer version is known, or -1 where Redis can't, which spoils no other.
   */
  private static final RedisScript FILL =
      new RedisScript(
          """
          local now = redis.call('TIME')
          local ms = now[1] * 1000 + math.floor(now[2] / 1000)
          local done = {}
          for i, key in ipairs(KEYS) do
            local a = (i - 1) * 4
            local held = redis.pcall('HGET', key, 'v') or '-1'
            if type(held) == 'table' or not tonumber(held) then
              done[i] = -1
            elseif tonumber(held) > tonumber(ARGV[a + 1]) then
              done[i] = 0
            else
              local read = string.format('%.0f', ms - tonumber(ARGV[a + 2]))
              local set = redis.pcall('HSET', key, 'v', ARGV[a + 1], 'w', ARGV[a + 1], 't', read, 'j', ARGV[a + 4])
              if type(set) == 'table' then
                done[i] = -1
              else
                redis.call('PEXPIRE', key, ARGV[a + 3])
                done[i] = 1
              end
            end
          end
          return done
          """);

  /** version, lifetime, whether what came before was erased. */
  private static final RedisScript RAISE =
      new RedisScript(
          """
          local version = tonumber(ARGV[1])
          if ARGV[3] == '1' then
            local held = tonumber(redis.call('HGET', KEYS[1], 'w') or '-1')
            if held < version then redis.call('HDEL', KEYS[1], 'w', 't', 'j') end
          end
          if tonumber(redis.call('HGET', KEYS[1], 'v') or '-1') >= version then return 0 end
          redis.call('HSET', KEYS[1], 'v', ARGV[1])
          if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
          return 1
          """);

  private final RedisLink link;
  private final ProfileConfig config;
  private final StoreMeters meters;
  private final RedisTrust trust;
  private final LinkedHashMap<String, Change> floorsToRaise = new LinkedHashMap<>();
  private final Turn<Stored> toFill;
  private int floorsUnderWay;
  private int fillsUnderWay;

  /** To be made once changes are listened to, on the event loop that will use it. */
  RedisTier(
      Vertx vertx,
      RedisLink link,
      ProfileConfig config,
      StoreMeters meters,
      LongUnaryOperator doubtedFor) {
    this.toFill = new Turn<>(vertx, this::fillAll);
    this.link = link;
    this.config = config;
    this.meters = meters;
    this.trust = new RedisTrust(link, meters, doubtedFor);
  }

  boolean up() {
    return link.up();
  }

  /**
   * What Redis holds for each of these ids and how far it can be believed; null when nothing. Fails
   * when Redis does.
   */
  Future<List<@Nullable Held>> find(List<String> ids) {
    List<Request> requests = new ArrayList<>(ids.size());
    for (String id : ids) {
      requests.add(Request.cmd(Command.HMGET).arg(PREFIX + id).arg("v").arg("w").arg("t").arg("j"));
    }
    return link.sendAll(requests)
        .map(
            all -> {
              List<@Nullable Held> held = new ArrayList<>(ids.size());
              for (int i = 0; i < all.size(); i++) {
                held.add(held(ids.get(i), all.get(i)));
              }
              return held;
            })
        .recover(
            cause ->
                !(cause instanceof FailureException) && ids.size() > 1
                    ? findEach(ids) // one odd entry spoils nobody else's answer
                    : Future.failedFuture(cause));
  }

  private Future<List<@Nullable Held>> findEach(List<String> ids) {
    List<Future<@Nullable Held>> each = new ArrayList<>(ids.size());
    for (String id : ids) {
      each.add(
          find(List.of(id))
              .map(List::getFirst)
              .otherwise(
                  cause -> {
                    meters.redisErrors.increment();
                    return null;
                  }));
    }
    return Future.all(each).map(all -> all.<@Nullable Held>list());
  }

  private @Nullable Held held(String id, @Nullable Response fields) {
    if (fields == null || fields.size() != 4) {
      return null;
    }
    Response floor = fields.get(0);
    Response version = fields.get(1);
    Response read = fields.get(2);
    Response json = fields.get(3);
    if (floor == null || version == null || read == null || json == null) {
      return null;
    }
    ByteString bytes = UnsafeByteOperations.unsafeWrap(json.toBytes());
    Stored stored = new Stored(id, !bytes.isEmpty(), version.toLong(), bytes, System.nanoTime());
    Change coming = floorsToRaise.get(id);
    boolean outdated =
        floor.toLong() > stored.version()
            || (coming != null && coming.version() > stored.version());
    boolean trusted = !outdated && trust.covers(read.toLong());
    boolean fresh = trusted && trust.age(read.toLong()) < config.redisFreshFor().toMillis();
    boolean erased = coming != null && coming.erased() && outdated;
    return erased ? null : new Held(stored, trusted, fresh);
  }

  /**
   * Stores what Postgres said, unless a newer version is known; nobody waits for it. What comes in
   * one turn of the loop goes in one write.
   */
  void fill(Stored stored) {
    if (!link.up()) {
      return;
    }
    toFill.add(stored);
  }

  private void fillAll(List<Stored> all) {
    for (int from = 0; from < all.size(); from += ProfileLookup.MAX_IDS) {
      List<Stored> some = all.subList(from, Math.min(all.size(), from + ProfileLookup.MAX_IDS));
      if (fillsUnderWay + some.size() > MAX_FILLS_UNDER_WAY) {
        meters.redisWriteErrors.increment(some.size());
        continue;
      }
      fillsUnderWay += some.size();
      FILL.runAll(link::sendAll, List.of(filling(some)))
          .onComplete(done -> fillsUnderWay -= some.size())
          .onSuccess(answers -> filled(answers.getFirst(), some.size()))
          .onFailure(cause -> meters.redisWriteErrors.increment(some.size()));
    }
  }

  private RedisScript.Run filling(List<Stored> all) {
    return new RedisScript.Run(
        all.stream().map(stored -> PREFIX + stored.id()).toList(),
        request -> {
          long now = System.nanoTime();
          for (Stored stored : all) {
            long age = TimeUnit.NANOSECONDS.toMillis(now - stored.readNanos()) + 1;
            Duration lifetime = stored.exists() ? config.redisLifetime() : config.redisAbsentFor();
            Buffer json = Buffer.buffer(stored.json().toByteArray());
            request.arg(stored.version()).arg(age).arg(jittered(lifetime)).arg(json);
          }
          return request;
        });
  }

  private void filled(@Nullable Response done, int asked) {
    if (done == null || done.size() != asked) {
      meters.redisWriteErrors.increment(asked);
      return;
    }
    for (Response each : done) {
      switch (each.toInteger()) {
        case 1 -> meters.redisFilled.increment();
        case 0 -> meters.redisRefused.increment();
        default -> meters.redisWriteErrors.increment();
      }
    }
  }

  /**
   * Hears of a change. While it can't be told to Redis, or too much is to be told, nothing in Redis
   * is believed instead.
   */
  void announced(String id, Change change) {
    if (!link.up()) {
      floorsToRaise.clear(); // all of Redis is believed again only from its return on
      return;
    }
    if (floorsToRaise.size() >= config.maxPendingFloors() && !floorsToRaise.containsKey(id)) {
      floorsToRaise.clear();
      trust.restart();
      return;
    }
    floorsToRaise.merge(id, change, Change::and);
    raisePending();
  }

  private void raisePending() {
    while (floorsUnderWay < MAX_FLOORS_UNDER_WAY && !floorsToRaise.isEmpty()) {
      Map.Entry<String, Change> next = floorsToRaise.pollFirstEntry();
      floorsUnderWay++;
      raise(next.getKey(), next.getValue())
          .onComplete(
              done -> {
                floorsUnderWay--;
                if (done.failed() && link.up()) {
                  trust.restart(); // were it down, trust starts anew with its return
                }
                raisePending();
              });
    }
  }

  /** Makes Redis refuse, and when erased forget, what is older than a version. */
  Future<Void> raise(String id, Change change) {
    return RAISE
        .runAll(
            link::sendAll,
            List.of(
                new RedisScript.Run(
                    PREFIX + id,
                    request ->
                        request
                            .arg(change.version())
                            .arg(config.floorFor().toMillis())
                            .arg(change.erased() ? "1" : "0"))))
        .onFailure(cause -> meters.redisWriteErrors.increment())
        .mapEmpty();
  }

  private long jittered(Duration length) {
    double spread = config.jitter() * (2 * ThreadLocalRandom.current().nextDouble() - 1);
    return Math.max(1, (long) (length.toMillis() * (1 + spread)));
  }

  /**
   * What Redis holds.
   *
   * @param trusted no change was announced or missed since it was read
   * @param fresh trusted, and read so lately that Postgres need not be asked
   */
  record Held(Stored stored, boolean trusted, boolean fresh) {}
}
