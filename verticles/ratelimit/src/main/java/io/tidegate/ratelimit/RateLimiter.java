package io.tidegate.ratelimit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.Failure;
import io.tidegate.bus.Trace;
import io.tidegate.proto.ratelimit.Lease;
import io.tidegate.proto.ratelimit.LeaseReply;
import io.tidegate.proto.ratelimit.LeaseRequest;
import io.tidegate.proto.ratelimit.Want;
import io.tidegate.ratelimit.LimitsConfig.By;
import io.tidegate.ratelimit.Table.Counted;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The near side of rate limiting: spends leased quota, and asks for more over the bus only when it
 * runs low. One an event loop; not safe from other threads.
 *
 * <p>Where it is warm it allocates nothing: callers' subjects are the keys of its tables, and a
 * decision is shared by all requests of a lease.
 */
public final class RateLimiter {
  /** Requests that wait for leases at once; more are refused as overload. */
  private static final int MAX_WAITING = 10_000;

  /** A request waits for so many leases in a row at most: others may spend what it waited for. */
  private static final int MAX_ROUNDS = 200;

  /**
   * What is left of a request's patience at least when its first lease is here: where the machine
   * stood still meanwhile, that has lapsed on the way.
   */
  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** So many leases in a row lapsed on arrival: the far side is lost, if a share may replace it. */
  private static final int MAX_LATE = 3;

  private final RateLimits limits;
  private final Leasing leasing;
  private final LongSupplier nanoClock;
  private final MeterRegistry meters;
  private final Counter asked;
  private final Counter granted;
  private final Counter lapsed;
  private LimitsInForce inForce;
  private final Table[] tables;
  private Holding[] applying = {};
  private Counted[] counted = {};
  private int waiting;
  private int late;

  /**
   * @param nanoClock monotonic nanoseconds, {@link System#nanoTime} but in tests
   */
  public RateLimiter(
      Bus bus, Vertx vertx, RateLimits limits, LongSupplier nanoClock, MeterRegistry meters) {
    this(
        new Leasing(
            new GatheredLeases(
                (request, trace) -> bus.call(BusMap.RATELIMIT_LEASE, request, trace), vertx),
            limits,
            nanoClock,
            millis -> vertx.timer(millis, TimeUnit.MILLISECONDS).mapEmpty()),
        limits,
        nanoClock,
        meters);
  }

  /** One that is never held up. */
  RateLimiter(
      LeaseSource farSide, RateLimits limits, LongSupplier nanoClock, MeterRegistry meters) {
    this(new Leasing(farSide, limits, nanoClock, null), limits, nanoClock, meters);
  }

  RateLimiter(Leasing leasing, RateLimits limits, LongSupplier nanoClock, MeterRegistry meters) {
    this.leasing = leasing;
    this.limits = limits;
    this.nanoClock = nanoClock;
    this.meters = meters;
    this.tables =
        Arrays.stream(By.values())
            .map(by -> new Table(by, limits.maxSubjects()))
            .toArray(Table[]::new);
    this.inForce = limits.inForce();
    become(inForce);
    this.asked = units(meters, "asked");
    this.granted = units(meters, "granted");
    this.lapsed = units(meters, "lapsed");
    limits.joins(this);
  }

  private void become(LimitsInForce now) {
    inForce = now;
    applying = new Holding[now.policies().size()];
    counted = new Counted[now.policies().size()];
    for (Table table : tables) {
      table.become(now.policies(), meters);
    }
  }

  private static Counter units(MeterRegistry meters, String state) {
    return Counter.builder("tidegate.ratelimit.units")
        .description("leased units: asked for, granted, lapsed unspent")
        .tag("state", state)
        .register(meters);
  }

  /**
   * Decides on a request by the quota in hand: no network, no allocation.
   *
   * @return the decision, or null when quota has to be asked for first: call {@link #acquire}
   */
  public @Nullable Decision tryAcquire(Caller caller) {
    long now = nanoClock.getAsLong();
    int count = collect(caller, now);
    if (count == 0) {
      return Decision.UNLIMITED;
    }
    Holding tightest = applying[0];
    for (int i = 0; i < count; i++) {
      Holding holding = applying[i];
      if (!holding.take(now)) {
        for (int taken = 0; taken < i; taken++) {
          applying[taken].giveBack();
        }
        return refusal(count, now);
      }
      tightest = tightest.looserThan(holding) ? holding : tightest;
    }
    Decision decision = tightest.admission(applying, count);
    List<Holding> low = null;
    for (int i = 0; i < count; i++) {
      counted[i].admitted().increment();
      if (applying[i].runsLow(now)) {
        low = low == null ? new ArrayList<>(count - i) : low;
        low.add(applying[i]);
      }
    }
    if (low != null) {
      ask(low, Trace.NONE);
    }
    return decision;
  }

  /**
   * Decides on a request. All policies that apply must grant; when one refuses, what the others
   * granted goes back to their leases.
   *
   * @return completed already when the quota in hand decides. Does not fail because Redis or the
   *     far side is lost: then the node's own share decides, or refuses while others may be
   *     granting, and the decision says {@link Decision#degraded}. Fails with {@link
   *     Failure#OVERLOADED} when too many requests wait for leases
   */
  public Future<Decision> acquire(Caller caller, Trace trace) {
    Decision decision = tryAcquire(caller);
    if (decision != null) {
      return decision.future();
    }
    if (waiting >= MAX_WAITING) {
      return Future.failedFuture(
          Failure.OVERLOADED.because(
              "rate limiting: " + waiting + " requests wait for quota already"));
    }
    waiting++;
    return round(caller, trace, 1, leasing.patience()).andThen(done -> waiting--);
  }

  private Future<Decision> round(Caller caller, Trace trace, int round, long until) {
    List<Holding> awaited = new ArrayList<>(applying.length);
    Future<?> fetched = Future.join(fetches(caller, trace, awaited));
    // What a later round waits for may have been set off with patience of its own.
    return (round == 1 ? fetched : leasing.noLonger(fetched, until))
        .transform(
            done -> {
              awaited.forEach(Holding::waitsNoMore);
              Decision decision = tryAcquire(caller);
              if (decision != null) {
                return decision.future();
              }
              long now = nanoClock.getAsLong();
              long rest = round == 1 && now + REST_NANOS - until > 0 ? now + REST_NANOS : until;
              return round < MAX_ROUNDS && now - rest < 0
                  ? round(caller, trace, round + 1, rest)
                  : lastWord(caller, now);
            });
  }

  /**
   * Others spent, again and again, what this request waited for: there is more demand than quota.
   */
  private Future<Decision> lastWord(Caller caller, long now) {
    int count = collect(caller, now);
    if (count == 0) {
      return Decision.UNLIMITED.future();
    }
    int empty = 0;
    while (empty < count - 1 && applying[empty].hasRoom(now)) {
      empty++;
    }
    counted[empty].refused().increment();
    return applying[empty].refusal(applying, count, now).future();
  }

  /** Fills {@link #applying} with what applies now. */
  private int collect(Caller caller, long now) {
    LimitsInForce current = limits.inForce();
    if (current != inForce) {
      become(current);
    }
    if (!current.enabled()) {
      return 0;
    }
    int count = 0;
    for (Table table : tables) {
      count = table.collect(caller, now, applying, counted, count);
    }
    return count;
  }

  /** Subjects in mind; who counts in two ways, as user and as address, is two. */
  long held() {
    long held = 0;
    for (Table table : tables) {
      held += table.held();
    }
    return held;
  }

  /**
   * Subjects with leased units in hand, over all policies. Other threads may ask: they read without
   * a lock, so what they get may be a moment old.
   */
  int leases() {
    long now = nanoClock.getAsLong();
    int leases = 0;
    for (Table table : tables) {
      leases += table.leases(now);
    }
    return leases;
  }

  private @Nullable Decision refusal(int count, long now) {
    for (int i = 0; i < count; i++) {
      Holding holding = applying[i];
      if (!holding.hasRoom(now) && holding.refuses(now)) {
        counted[i].refused().increment();
        return holding.refusal(applying, count, now);
      }
    }
    return null;
  }

  /** What is under way, or is set off here, for those of the caller's holdings that are empty. */
  private List<Future<Void>> fetches(Caller caller, Trace trace, List<Holding> awaited) {
    long now = nanoClock.getAsLong();
    int count = collect(caller, now);
    List<Holding> toAsk = new ArrayList<>(count);
    List<Future<Void>> fetches = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Holding holding = applying[i];
      if (holding.hasRoom(now)) {
        continue;
      }
      holding.waits();
      awaited.add(holding);
      Future<Void> underWay = holding.fetch(now);
      if (underWay != null) {
        fetches.add(underWay);
      } else {
        toAsk.add(holding);
      }
    }
    if (!toAsk.isEmpty()) {
      fetches.add(ask(toAsk, trace));
    }
    return fetches;
  }

  /** Others may come to wait for it, so it has all the patience there is. */
  private Future<Void> ask(List<Holding> holdings, Trace trace) {
    Future<Void> fetch = ask(holdings, trace, leasing.patience(), 1);
    if (!fetch.isComplete()) {
      holdings.forEach(holding -> holding.fetching(fetch));
    }
    return fetch;
  }

  private Future<Void> ask(List<Holding> holdings, Trace trace, long until, int attempt) {
    long askedAt = nanoClock.getAsLong();
    LeaseRequest.Builder request = LeaseRequest.newBuilder();
    for (Holding holding : holdings) {
      long units = holding.wish(askedAt);
      asked.increment((double) units);
      request.addWants(
          Want.newBuilder()
              .setPolicy(holding.policy().name())
              .setSubject(holding.subject())
              .setUnits(units));
    }
    LeaseRequest sent = request.build();
    return leasing
        .lease(sent, trace, until)
        .map(reply -> receive(holdings, sent, reply, askedAt))
        .recover(
            unanswered ->
                leasing.pause(attempt).compose(paused -> ask(holdings, trace, until, attempt + 1)));
  }

  private @Nullable Void receive(
      List<Holding> holdings, LeaseRequest request, LeaseReply reply, long askedAt) {
    long now = nanoClock.getAsLong();
    boolean anyLate = false;
    for (int i = 0; i < holdings.size(); i++) {
      Holding holding = holdings.get(i);
      Lease lease = reply.getLeases(i);
      anyLate |= holding.receive(lease, request.getWants(i).getUnits(), askedAt, now);
      granted.increment((double) lease.getGranted());
      lapsed.increment((double) holding.takeLapsed());
    }
    late = anyLate ? late + 1 : 0;
    if (late >= MAX_LATE && limits.mayShare()) {
      late = 0;
      limits.farSide().begins("leases have lapsed when they arrive", now);
    }
    return null;
  }
}
