package io.tidegate.profile;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.platform.RedisConfig;
import io.tidegate.platform.RedisLink;
import io.tidegate.proto.profile.ProfileChange;
import io.tidegate.proto.profile.ProfilesChanged;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The far side of profile lookup: serves {@code profile.find} and {@code profile.erase} from Redis
 * and Postgres. Starts and goes on without either. Instances of one node know nothing of each
 * other, as those of several nodes.
 */
public final class ProfileVerticle extends VerticleBase {
  /** How often to look for erasures that others left unfinished. */
  private static final long RESUME_MS = 30_000;

  private final Bus bus;
  private final ProfileConfig config;
  private final Pool postgres;
  private final SqlClient reads;
  private final RedisConfig redisConfig;
  private final StoreMeters storeMeters;
  private final List<Bus.Registration> registrations = new ArrayList<>();
  private @Nullable RedisLink link;
  private @Nullable RedisTier redis;
  private long resuming = -1;

  /**
   * @param postgres for erasures; stays the caller's to close
   * @param reads for lookups; may be the same, and stays the caller's to close
   */
  public ProfileVerticle(
      Bus bus,
      ProfileConfig config,
      Pool postgres,
      SqlClient reads,
      RedisConfig redisConfig,
      MeterRegistry meters) {
    this(bus, config, postgres, reads, redisConfig, new StoreMeters(meters));
  }

  private ProfileVerticle(
      Bus bus,
      ProfileConfig config,
      Pool postgres,
      SqlClient reads,
      RedisConfig redisConfig,
      StoreMeters storeMeters) {
    this.bus = bus;
    this.config = config;
    this.postgres = postgres;
    this.reads = reads;
    this.redisConfig = redisConfig;
    this.storeMeters = storeMeters;
  }

  /** Makes instances of one node ({@link ProfileConfig#instances}): they share their meters. */
  public static Supplier<Deployable> instances(
      Bus bus,
      ProfileConfig config,
      Pool postgres,
      SqlClient reads,
      RedisConfig redisConfig,
      MeterRegistry meters) {
    StoreMeters shared = new StoreMeters(meters);
    return () -> new ProfileVerticle(bus, config, postgres, reads, redisConfig, shared);
  }

  @Override
  public Future<?> start() {
    RedisLink redisLink = new RedisLink(vertx, redisConfig, "profile");
    link = redisLink;
    // In this order: what is in Redis is believed only from when changes are heard.
    return keep(bus.subscribe(BusMap.PROFILE_CHANGED, this::changed))
        .compose(subscribed -> redisLink.start())
        .compose(
            connected -> {
              RedisTier tier =
                  new RedisTier(vertx, redisLink, config, storeMeters, bus::doubtedFor);
              redis = tier;
              PostgresTier table = new PostgresTier(vertx, reads, config, storeMeters);
              ProfileFinder finder = new ProfileFinder(tier, table, storeMeters);
              ProfileEraser eraser = new ProfileEraser(bus, postgres, tier, config, storeMeters);
              resuming = vertx.setPeriodic(0, RESUME_MS, timer -> eraser.resume());
              return keep(bus.serve(BusMap.PROFILE_FIND, (request, trace) -> finder.find(request)))
                  .compose(serving -> keep(bus.serve(BusMap.PROFILE_ERASE, eraser::erase)));
            });
  }

  @Override
  public Future<?> stop() {
    vertx.cancelTimer(resuming);
    List<Future<Void>> removed = new ArrayList<>();
    registrations.forEach(registration -> removed.add(registration.remove()));
    RedisLink closing = link;
    return Future.join(removed)
        .eventually(() -> closing == null ? Future.succeededFuture() : closing.close());
  }

  private void changed(ProfilesChanged news) {
    RedisTier tier = redis;
    if (tier == null) {
      return; // nothing in Redis is believed yet
    }
    for (ProfileChange change : news.getChangesList()) {
      tier.announced(change.getId(), new Change(change.getVersion(), change.getErased()));
    }
  }

  private Future<Void> keep(Future<Bus.Registration> registration) {
    return registration.onSuccess(registrations::add).mapEmpty();
  }
}
