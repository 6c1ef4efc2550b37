package io.tidegate.profile;

import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.bus.Trace;
import io.tidegate.platform.Turn;
import io.tidegate.proto.profile.EraseReply;
import io.tidegate.proto.profile.EraseRequest;
import io.tidegate.proto.profile.FindReply;
import io.tidegate.proto.profile.FindRequest;
import io.tidegate.proto.profile.FoundProfile;
import io.tidegate.proto.profile.ProfileChange;
import io.tidegate.proto.profile.ProfilesChanged;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The near side of profile lookup: answers from the process's memory, and asks over the bus what it
 * does not hold, once for everyone who wants it. One a node, safe from any event loop; futures
 * complete on the caller's context.
 *
 * <p>What is held is answered while fresh, then answered while it is asked for again
 * (stale-while-revalidate), then answered, marked stale, only when nobody can be reached
 * (stale-if-error; both RFC 5861). A change that is announced ends the first two; an answer that it
 * overtook on the way is asked for again, from Postgres.
 */
public final class ProfileLookup {
  /** Ids that one {@link #findAll} takes. */
  public static final int MAX_IDS = 100;

  private static final int MAX_ATTEMPTS = 3;

  private final Bus bus;
  private final Vertx vertx;
  private final ProcessCache cache;
  private final LookupMeters meters;
  private final ConcurrentMap<String, Flight> flights = new ConcurrentHashMap<>();
  private final ThreadLocal<Turn<Wanted>> turns;

  public ProfileLookup(Bus bus, Vertx vertx, ProfileConfig config, MeterRegistry meters) {
    this(bus, vertx, config, meters, Ticker.systemTicker());
  }

  ProfileLookup(Bus bus, Vertx vertx, ProfileConfig config, MeterRegistry registry, Ticker ticker) {
    this.bus = bus;
    this.vertx = vertx;
    this.cache = new ProcessCache(config, ticker, bus::doubtedFor);
    this.meters = new LookupMeters(registry, cache);
    this.turns = ThreadLocal.withInitial(() -> new Turn<>(vertx, this::askAll));
  }

  /** Starts listening for changes; to be waited for before the first lookup. */
  public Future<Void> start() {
    return bus.subscribe(BusMap.PROFILE_CHANGED, this::changed).mapEmpty();
  }

  /**
   * The profile when the process holds it and may answer it, else null. Never waits; what has aged
   * is asked for again behind the answer.
   */
  public @Nullable ProfileView cached(String id) {
    ProcessCache.Entry entry = cache.get(id);
    if (entry == null) {
      return null;
    }
    long now = cache.now();
    if (!cache.fresh(entry, now)) {
      if (!cache.answerable(entry, now)) {
        return null;
      }
      refresh(id);
    }
    meters.answered(entry.view());
    return entry.view();
  }

  /**
   * The profile, or that there is none ({@link ProfileView#exists()} false).
   *
   * @return fails with {@code BAD_REQUEST} (no id can look like that), {@code OVERLOADED}, {@code
   *     STORE_UNAVAILABLE}, {@code ROLE_UNAVAILABLE} or {@code BUS_TIMEOUT} when it is not held and
   *     can't be had
   */
  public Future<ProfileView> find(String id, Trace trace) {
    ProfileView held = cached(id);
    if (held != null) {
      return Future.succeededFuture(held);
    }
    List<Flight> mine = new ArrayList<>(1);
    Future<ProfileView> answer;
    try {
      answer = board(ProfileIds.checked(id), vertx.getOrCreateContext(), mine);
    } catch (FailureException e) {
      return Future.failedFuture(e);
    }
    mine.forEach(flight -> gather(flight, trace));
    return answer;
  }

  /**
   * The profiles of these ids, in their order; fails as {@link #find} does, and with {@code
   * BAD_REQUEST} for more than {@link #MAX_IDS}.
   */
  public Future<List<ProfileView>> findAll(List<String> ids, Trace trace) {
    if (ids.size() > MAX_IDS) {
      return Future.failedFuture(
          Failure.BAD_REQUEST.because("ids: " + ids.size() + " (expected: <= " + MAX_IDS + ")"));
    }
    try {
      ids.forEach(ProfileIds::checked);
    } catch (FailureException e) {
      return Future.failedFuture(e);
    }
    Context context = vertx.getOrCreateContext();
    List<Flight> mine = new ArrayList<>();
    List<Future<ProfileView>> answers = new ArrayList<>(ids.size());
    for (String id : ids) {
      ProfileView held = cached(id);
      answers.add(held != null ? Future.succeededFuture(held) : board(id, context, mine));
    }
    ask(mine, trace, Depth.ALL, 1); // they wait for each other, and nobody else for them
    return Future.all(answers).map(all -> all.<ProfileView>list());
  }

  /**
   * Erases the customer that this id shows: its profile, its aliases' and all their events.
   *
   * @param requestedBy for the log: who asked
   * @return fails with {@code BAD_REQUEST}, {@code STORE_UNAVAILABLE}, {@code ROLE_UNAVAILABLE} or
   *     {@code BUS_TIMEOUT}; after the last the customer may be erased or not, and asking again is
   *     safe
   */
  public Future<EraseReply> erase(String id, String requestedBy, Trace trace) {
    EraseRequest request;
    try {
      request =
          EraseRequest.newBuilder()
              .setId(ProfileIds.checked(id))
              .setRequestedBy(requestedBy)
              .build();
    } catch (FailureException e) {
      return Future.failedFuture(e);
    }
    // The news comes over the bus too, but perhaps after this answer.
    return bus.call(BusMap.PROFILE_ERASE, request, trace)
        .onSuccess(reply -> reply.getChangesList().forEach(this::changed));
  }

  /** A seat on the id's flight; when there was none, a new one that the caller has to ask for. */
  private Future<ProfileView> board(String id, Context context, List<Flight> mine) {
    while (true) {
      Flight fresh = new Flight(id, cache.now());
      Flight underWay = flights.putIfAbsent(id, fresh);
      Flight flight = underWay == null ? fresh : underWay;
      Future<ProfileView> answer = flight.join(context);
      if (answer == null) {
        continue; // it landed in between
      }
      if (underWay == null) {
        mine.add(fresh);
      } else {
        meters.joins.increment();
      }
      return answer.onComplete(meters::answered, cause -> meters.failed());
    }
  }

  private void refresh(String id) {
    Flight flight = new Flight(id, cache.now());
    if (flights.putIfAbsent(id, flight) == null) {
      meters.refreshes.increment();
      gather(flight, Trace.NONE);
    }
  }

  /**
   * What is wanted in one turn of an event loop goes in one call: under load a call costs more than
   * what it asks for.
   */
  private void gather(Flight flight, Trace trace) {
    if (!Context.isOnEventLoopThread()) {
      ask(List.of(flight), trace, Depth.ALL, 1);
      return;
    }
    turns.get().add(new Wanted(flight, trace));
  }

  private void askAll(List<Wanted> all) {
    if (all.size() == 1) {
      ask(List.of(all.getFirst().flight), all.getFirst().trace, Depth.ALL, 1);
      return;
    }
    List<Flight> wanted = all.stream().map(Wanted::flight).toList();
    for (int from = 0; from < wanted.size(); from += MAX_IDS) {
      List<Flight> some = wanted.subList(from, Math.min(wanted.size(), from + MAX_IDS));
      ask(some, Trace.NONE, Depth.REDIS, 1);
    }
  }

  /** What one caller wants to know. */
  private record Wanted(Flight flight, Trace trace) {}

  /**
   * Where to look. Several are looked for in Redis first and the rest in Postgres then, so that
   * what Redis holds never waits for Postgres.
   */
  private enum Depth {
    ALL,
    REDIS,
    POSTGRES
  }

  private void ask(List<Flight> asked, Trace trace, Depth depth, int attempt) {
    if (asked.isEmpty()) {
      return;
    }
    FindRequest.Builder request =
        FindRequest.newBuilder()
            .setRevalidate(depth == Depth.POSTGRES)
            .setRedisOnly(depth == Depth.REDIS);
    asked.forEach(flight -> request.addIds(flight.id()));
    Future<FindReply> reply;
    try {
      reply = bus.call(BusMap.PROFILE_FIND, request.build(), trace);
    } catch (RuntimeException e) {
      reply = Future.failedFuture(e); // or the ids would be under way for ever
    }
    reply.onComplete(
        answer -> {
          if (answer.failed()) {
            asked.forEach(flight -> failed(flight, answer.cause()));
          } else {
            answered(asked, answer.result().getProfilesList(), trace, depth, attempt);
          }
        });
  }

  private void answered(
      List<Flight> asked, List<FoundProfile> found, Trace trace, Depth depth, int attempt) {
    if (found.size() != asked.size()) {
      FailureException odd =
          Failure.INTERNAL.because(
              "profiles: " + found.size() + " (expected: " + asked.size() + ")");
      asked.forEach(flight -> failed(flight, odd));
      return;
    }
    List<Flight> overtaken = new ArrayList<>(0);
    List<Flight> notHeld = new ArrayList<>(0);
    for (int i = 0; i < asked.size(); i++) {
      Flight flight = asked.get(i);
      if (found.get(i).getFailure() != 0) {
        failed(flight, failure(found.get(i)));
        continue;
      }
      if (found.get(i).getNotHeld()) {
        if (depth == Depth.REDIS) {
          notHeld.add(flight);
        } else {
          failed(flight, Failure.INTERNAL.because("not_held (expected: only of Redis)"));
        }
        continue;
      }
      ProfileView answer = ProfileView.of(flight.id(), found.get(i), cache.now());
      Change heard = flight.heard().and(cache.announced(flight.id()));
      if (heard.outdates(answer) && !answer.stale() && attempt < MAX_ATTEMPTS) {
        overtaken.add(flight);
      } else {
        ProfileView out = cache.put(answer, heard, flight.asked());
        if (out == null) {
          failed(flight, Failure.STORE_UNAVAILABLE.because("only an outdated profile can be had"));
        } else {
          flights.remove(flight.id(), flight);
          flight.land(out);
        }
      }
    }
    meters.overtaken.increment(overtaken.size());
    ask(notHeld, trace, Depth.POSTGRES, attempt);
    ask(overtaken, trace, Depth.POSTGRES, attempt + 1);
  }

  private void failed(Flight flight, Throwable cause) {
    ProfileView kept = cache.keepAsStale(flight.id());
    flights.remove(flight.id(), flight);
    if (kept != null) {
      flight.land(kept);
    } else {
      flight.fail(FailureException.of(cause));
    }
  }

  private void changed(ProfilesChanged news) {
    news.getChangesList().forEach(this::changed);
  }

  private void changed(ProfileChange news) {
    meters.changes.increment();
    Change change = new Change(news.getVersion(), news.getErased());
    Flight flight = flights.get(news.getId());
    if (flight != null) {
      flight.hear(change);
    }
    cache.announce(news.getId(), change);
  }

  private static FailureException failure(FoundProfile found) {
    Failure known = Failure.ofCode(found.getFailure());
    return (known == null ? Failure.INTERNAL : known).because(found.getFailureMessage());
  }
}
