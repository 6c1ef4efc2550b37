package io.tidegate.profile;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.proto.profile.FindReply;
import io.tidegate.proto.profile.FindRequest;
import io.tidegate.proto.profile.FoundProfile;
import io.tidegate.proto.profile.Source;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks ids up layer by layer: Redis where it can be believed, else Postgres, and what Postgres
 * says goes to Redis. When Postgres does not answer, what Redis holds is answered as stale. That
 * there is no such customer is never answered from what can't be believed. Belongs to one event
 * loop.
 */
final class ProfileFinder {
  private final RedisTier redis;
  private final PostgresTier postgres;
  private final StoreMeters meters;

  ProfileFinder(RedisTier redis, PostgresTier postgres, StoreMeters meters) {
    this.redis = redis;
    this.postgres = postgres;
    this.meters = meters;
  }

  /**
   * All ids of a request; an id that can't be answered says so itself and leaves the others alone.
   */
  Future<FindReply> find(FindRequest request) {
    if (request.getIdsCount() > ProfileLookup.MAX_IDS) {
      return Future.failedFuture(
          Failure.BAD_REQUEST.because(
              "ids: " + request.getIdsCount() + " (expected: <= " + ProfileLookup.MAX_IDS + ")"));
    }
    List<String> ids = request.getIdsList();
    return (request.getRevalidate() ? Future.succeededFuture(nothing(ids)) : inRedis(ids))
        .compose(
            held -> {
              List<Future<FoundProfile>> answers = new ArrayList<>(ids.size());
              for (int i = 0; i < ids.size(); i++) {
                String id = ids.get(i);
                answers.add(find(id, request, held.get(i)).otherwise(cause -> failed(id, cause)));
              }
              return Future.all(answers);
            })
        .map(all -> FindReply.newBuilder().addAllProfiles(all.<FoundProfile>list()).build());
  }

  private Future<FoundProfile> find(String id, FindRequest request, RedisTier.@Nullable Held held) {
    try {
      ProfileIds.checked(id);
    } catch (FailureException e) {
      return Future.failedFuture(e);
    }
    if (request.getRevalidate()) {
      return fromPostgres(id).recover(cause -> fallBack(id, cause));
    }
    if (held != null && held.fresh()) {
      meters.redisHits.increment();
      return Future.succeededFuture(found(held.stored(), Source.SOURCE_REDIS, false));
    }
    note(held);
    return request.getRedisOnly() && redis.up() // else there is nothing that others would wait for
        ? Future.succeededFuture(FoundProfile.newBuilder().setId(id).setNotHeld(true).build())
        : fromPostgres(id).recover(cause -> stale(held, cause));
  }

  private Future<List<RedisTier.@Nullable Held>> inRedis(List<String> ids) {
    if (!redis.up()) {
      return Future.succeededFuture(nothing(ids));
    }
    return redis
        .find(ids)
        .otherwise(
            cause -> {
              meters.redisErrors.increment(ids.size());
              return nothing(ids);
            });
  }

  private static List<RedisTier.@Nullable Held> nothing(List<String> ids) {
    return Collections.nCopies(ids.size(), null);
  }

  private void note(RedisTier.@Nullable Held held) {
    if (held == null) {
      meters.redisMisses.increment();
    } else if (held.trusted()) {
      meters.redisOld.increment();
    } else {
      meters.redisUntrusted.increment();
    }
  }

  private Future<FoundProfile> fromPostgres(String id) {
    return postgres
        .find(id)
        .map(
            stored -> {
              redis.fill(stored);
              return found(stored, Source.SOURCE_POSTGRES, false);
            });
  }

  private Future<FoundProfile> fallBack(String id, Throwable cause) {
    return inRedis(List.of(id)).compose(held -> stale(held.getFirst(), cause));
  }

  private Future<FoundProfile> stale(RedisTier.@Nullable Held held, Throwable cause) {
    if (held == null || !held.stored().exists()) {
      return Future.failedFuture(cause);
    }
    meters.fallbacks.increment();
    return Future.succeededFuture(found(held.stored(), Source.SOURCE_REDIS, true));
  }

  private static FoundProfile found(Stored stored, Source source, boolean stale) {
    return FoundProfile.newBuilder()
        .setId(stored.id())
        .setExists(stored.exists())
        .setVersion(stored.version())
        .setJson(stored.json())
        .setSource(source)
        .setStale(stale)
        .build();
  }

  private static FoundProfile failed(String id, Throwable cause) {
    FailureException failure = FailureException.of(cause);
    return FoundProfile.newBuilder()
        .setId(id)
        .setFailure(failure.failure().code())
        .setFailureMessage(failure.getMessage())
        .build();
  }
}
