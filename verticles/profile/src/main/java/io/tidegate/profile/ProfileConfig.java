package io.tidegate.profile;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.tidegate.bus.BusMap;
import io.tidegate.platform.Checks;
import java.time.Duration;
import java.util.OptionalLong;

/** How profiles are held and looked up. */
@ConfigMapping(prefix = "profile")
public interface ProfileConfig {
  /**
   * Memory for profiles in this process, bytes (keys, values and what it costs to hold them).
   * Default: an eighth of the heap.
   */
  OptionalLong processBytes();

  /**
   * For so long a profile in the process is answered without asking anyone, unless it is known to
   * have changed.
   */
  @WithDefault("30s")
  Duration freshFor();

  /**
   * News of a change may be lost. Beats between nodes tell: within a second it is known that some
   * may have been, and what was read before is in doubt. A profile in doubt is answered for so
   * long, at once and asked for again behind the answer; then only what Postgres says. So a profile
   * is right again within this and a second of a change whose news was lost: 1.5 s. Those read less
   * than this ago are not doubted; at most 1 s, so that the promise of 2 s holds.
   */
  @WithDefault("500ms")
  Duration doubtedFor();

  /** For so long after that it is answered at once, and asked for again behind the answer. */
  @WithDefault("5m")
  Duration revalidateFor();

  /**
   * A profile is kept in the process for so long, for the time when neither Redis nor Postgres
   * answers.
   */
  @WithDefault("1h")
  Duration processLifetime();

  /** For so long the process remembers that there is no such customer. */
  @WithDefault("5s")
  Duration absentFor();

  /**
   * A profile that could not be had afresh is answered as it was, and asked for again after this.
   */
  @WithDefault("1s")
  Duration retryAfter();

  /**
   * Lifetimes vary by so much of their length either way, so that what came together does not leave
   * together.
   */
  @WithDefault("0.2")
  double jitter();

  /** A profile is kept in Redis for so long. */
  @WithDefault("24h")
  Duration redisLifetime();

  /** For so long Redis remembers that there is no such customer. */
  @WithDefault("1m")
  Duration redisAbsentFor();

  /** A profile that has been in Redis for so long is read from Postgres again. */
  @WithDefault("1m")
  Duration redisFreshFor();

  /**
   * For so long Redis refuses a version older than one that was announced; longer than any read may
   * take.
   */
  @WithDefault("1m")
  Duration floorFor();

  /** Changes waiting to be told to Redis; beyond this, what Redis holds is no longer believed. */
  @WithDefault("100000")
  int maxPendingFloors();

  /**
   * How many look profiles up for the process, each on an event loop, with a connection to Redis
   * and queries to Postgres of its own. Each hears of every change and tells Redis of it.
   */
  @WithDefault("1")
  int instances();

  /** Ids in one query to Postgres. */
  @WithDefault("500")
  int batchSize();

  /** Queries to Postgres of one instance under way at once. */
  @WithDefault("4")
  int maxQueries();

  /** Ids waiting for a query; more are refused at once. */
  @WithDefault("10000")
  int maxWaiting();

  /** An id that has waited so long for a query is refused. */
  @WithDefault("500ms")
  Duration waitLimit();

  /**
   * A query without an answer by then has failed. Together with the wait well below the bus's 3 s.
   */
  @WithDefault("1500ms")
  Duration queryLimit();

  /** An erasure's transaction without an end by then has failed. Below the bus's 10 s. */
  @WithDefault("8s")
  Duration eraseLimit();

  /** Notes values that make no sense, alone or together. */
  static void check(ProfileConfig config, Checks checks) {
    config
        .processBytes()
        .ifPresent(bytes -> checks.atLeast("profile.process-bytes", bytes, 1_048_576));
    checks
        .positive("profile.fresh-for", config.freshFor())
        .expect(
            config.doubtedFor().isPositive()
                && config.doubtedFor().compareTo(Duration.ofSeconds(1)) <= 0,
            "profile.doubted-for",
            config.doubtedFor(),
            "above zero and at most 1s")
        .expect(
            !config.revalidateFor().isNegative(),
            "profile.revalidate-for",
            config.revalidateFor(),
            "0s or more")
        .expect(
            config.processLifetime().compareTo(config.freshFor().plus(config.revalidateFor())) > 0,
            "profile.process-lifetime",
            config.processLifetime(),
            "more than fresh-for and revalidate-for together")
        .positive("profile.absent-for", config.absentFor())
        .positive("profile.retry-after", config.retryAfter())
        .expect(
            config.jitter() >= 0 && config.jitter() <= 0.5,
            "profile.jitter",
            config.jitter(),
            "0 to 0.5")
        .positive("profile.redis-lifetime", config.redisLifetime())
        .positive("profile.redis-absent-for", config.redisAbsentFor())
        .positive("profile.redis-fresh-for", config.redisFreshFor())
        .expect(
            config.floorFor().compareTo(config.queryLimit().plus(config.eraseLimit())) > 0,
            "profile.floor-for",
            config.floorFor(),
            "more than query-limit and erase-limit together")
        .atLeast("profile.max-pending-floors", config.maxPendingFloors(), 1)
        .between("profile.instances", config.instances(), 1, 256)
        .between("profile.batch-size", config.batchSize(), 1, 10_000)
        .between("profile.max-queries", config.maxQueries(), 1, 1_000)
        .atLeast("profile.max-waiting", config.maxWaiting(), 1)
        .positive("profile.wait-limit", config.waitLimit())
        .positive("profile.query-limit", config.queryLimit())
        .expect(
            config.queryLimit().plus(config.waitLimit()).compareTo(BusMap.PROFILE_FIND.timeLimit())
                < 0,
            "profile.query-limit",
            config.queryLimit(),
            "with wait-limit less than 3s, since nobody waits longer")
        .expect(
            config.eraseLimit().isPositive()
                && config.eraseLimit().compareTo(BusMap.PROFILE_ERASE.timeLimit()) < 0,
            "profile.erase-limit",
            config.eraseLimit(),
            "above zero and less than 10s, since nobody waits longer");
  }
}
