package io.tidegate.profile;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.Trace;
import io.tidegate.proto.profile.EraseReply;
import io.tidegate.proto.profile.EraseRequest;
import io.tidegate.proto.profile.FindRequest;
import io.tidegate.proto.profile.FoundProfile;
import io.tidegate.proto.profile.Source;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The near side of profile lookup: answers from the process's memory, and asks over the bus what it
 * does not hold. One a node, safe from any event loop; futures complete on the caller's context.
 */
public final class ProfileLookup {
  /** Ids that one {@link #findAll} takes. */
  public static final int MAX_IDS = 100;

  private final Bus bus;

  public ProfileLookup(Bus bus, Vertx vertx, ProfileConfig config, MeterRegistry meters) {
    this.bus = bus;
  }

  /** Starts listening for changes; to be waited for before the first lookup. */
  public Future<Void> start() {
    return Future.succeededFuture();
  }

  /**
   * The profile when the process holds it and may answer it; else null. Never blocks, never asks
   * anyone.
   */
  public @Nullable ProfileView cached(String id) {
    return null;
  }

  /**
   * The profile, or that there is none ({@link ProfileView#exists()} false).
   *
   * @return fails with {@code BAD_REQUEST} (no id can look like that), {@code OVERLOADED}, {@code
   *     STORE_UNAVAILABLE}, {@code ROLE_UNAVAILABLE} or {@code BUS_TIMEOUT} when it is not held and
   *     can't be had
   */
  public Future<ProfileView> find(String id, Trace trace) {
    return findAll(List.of(id), trace).map(List::getFirst);
  }

  /**
   * The profiles of these ids, in their order; fails as {@link #find} does, and with {@code
   * BAD_REQUEST} for more than {@link #MAX_IDS}.
   */
  public Future<List<ProfileView>> findAll(List<String> ids, Trace trace) {
    return bus.call(BusMap.PROFILE_FIND, FindRequest.newBuilder().addAllIds(ids).build(), trace)
        .map(reply -> reply.getProfilesList().stream().map(ProfileLookup::view).toList());
  }

  /**
   * Erases the customer that this id shows: its profile, its aliases' and all their events.
   *
   * @param requestedBy for the log: who asked
   */
  public Future<EraseReply> erase(String id, String requestedBy, Trace trace) {
    return bus.call(
        BusMap.PROFILE_ERASE,
        EraseRequest.newBuilder().setId(id).setRequestedBy(requestedBy).build(),
        trace);
  }

  private static ProfileView view(FoundProfile found) {
    return new ProfileView(
        found.getId(),
        found.getExists(),
        found.getVersion(),
        Buffer.buffer(found.getJson().toByteArray()),
        "\"v" + found.getVersion() + "\"",
        found.getSource() == Source.SOURCE_REDIS ? Layer.REDIS : Layer.POSTGRES,
        found.getStale(),
        System.nanoTime());
  }
}
