package io.tidegate.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.bus.Trace;
import io.tidegate.proto.ratelimit.Lease;
import io.tidegate.proto.ratelimit.LeaseReply;
import io.tidegate.proto.ratelimit.LeaseRequest;
import io.tidegate.proto.ratelimit.Want;
import io.tidegate.ratelimit.Ledger.Withdrawal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class RateLimiterTest {
  private static final long MS = 1_000_000;

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final MemoryLedger ledger =
      new MemoryLedger(100_000, Duration.ofDays(1), () -> this.now / 1_000);
  private final List<LeaseRequest> asked = new ArrayList<>();
  private final Deque<Runnable> answers = new ArrayDeque<>();
  private long now = 1_000_000 * MS;
  private boolean lost;
  private boolean slow;
  private RateLimits limits;

  private RateLimiter limiter(LimitsConfig config) {
    limits = SomeLimits.limits(config, () -> 3, () -> now, meters);
    return new RateLimiter(this::ask, limits, () -> now, meters);
  }

  /** One that holds requests up; its pauses are the test's to end. */
  private RateLimiter patient(List<Promise<Void>> pauses) {
    Leasing leasing =
        new Leasing(
            this::ask,
            limits,
            () -> now,
            millis -> {
              Promise<Void> pause = Promise.promise();
              pauses.add(pause);
              return pause.future();
            });
    return new RateLimiter(leasing, limits, () -> now, meters);
  }

  private Future<LeaseReply> ask(LeaseRequest request, Trace trace) {
    asked.add(request);
    if (lost) {
      return Future.failedFuture(
          Failure.ROLE_UNAVAILABLE.because("no node serves ratelimit.lease"));
    }
    LeaseReply.Builder reply = LeaseReply.newBuilder();
    for (Want want : request.getWantsList()) {
      Quota quota = limits.inForce().policy(want.getPolicy()).quotaOf(want.getSubject());
      String key = RateLimits.key(want.getPolicy(), want.getSubject());
      reply.addLeases(
          RateLimits.lease(
              quota,
              1,
              want.getUnits(),
              ledger.take(new Withdrawal(key, quota, want.getUnits(), 0))));
    }
    if (!slow) {
      return Future.succeededFuture(reply.build());
    }
    Promise<LeaseReply> promise = Promise.promise();
    answers.add(() -> promise.complete(reply.build()));
    return promise.future();
  }

  private static Decision decided(Future<Decision> future) {
    assertThat(future.isComplete()).isTrue();
    return future.result();
  }

  @Test
  void admitsTheBurstAndThenRefusesUntilARequestFits() {
    RateLimiter limiter = limiter(SomeLimits.perUser(5, "60s", 2));
    Caller ann = SomeLimits.user("ann");
    Decision first = decided(limiter.acquire(ann, Trace.NONE));
    assertThat(first.allowed()).isTrue();
    assertThat(first.policyHeader()).hasToString("\"per-user\";q=5;w=60");
    assertThat(first.rateHeader()).hasToString("\"per-user\";r=1;t=12");
    assertThat(decided(limiter.acquire(ann, Trace.NONE)).remaining()).isZero();

    Decision refused = decided(limiter.acquire(ann, Trace.NONE));
    assertThat(refused.allowed()).isFalse();
    assertThat(refused.policy()).isEqualTo("per-user");
    assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(12));
    assertThat(refused.rateHeader()).hasToString("\"per-user\";r=0;t=24");
    FailureException failure = refused.refusal();
    assertThat(failure.failure()).isEqualTo(Failure.RATE_LIMITED);
    assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(12));
    assertThat(failure)
        .hasMessage("per-user: over 5 units in 60 s (expected: the next request in 12 s)");
    assertThat(failure.members()).containsEntry("policy", "per-user");
    assertThatThrownBy(first::refusal).isInstanceOf(IllegalStateException.class);

    assertThat(decided(limiter.acquire(SomeLimits.user("bob"), Trace.NONE)).allowed()).isTrue();
    now += 11_500 * MS;
    assertThat(decided(limiter.acquire(ann, Trace.NONE)).retryAfter())
        .isEqualTo(Duration.ofSeconds(1));
    now += 500 * MS;
    assertThat(decided(limiter.acquire(ann, Trace.NONE)).allowed()).isTrue();
  }

  @Test
  void aFloodOverTheLimitAsksOnceUntilItMayHope() {
    RateLimiter limiter = limiter(SomeLimits.perUser(5, "60s", 1));
    for (int i = 0; i < 10_000; i++) {
      decided(limiter.acquire(SomeLimits.user("ann"), Trace.NONE));
      now += MS / 1_000;
    }
    assertThat(asked).hasSize(2);
    assertThat(
            meters.get("tidegate.ratelimit.decisions").tag("outcome", "refused").counter().count())
        .isEqualTo(9_999);
  }

  @Test
  void aWarmDecisionIsTheSameObjectAndAsksNobody() {
    RateLimiter limiter = limiter(SomeLimits.perUser(60_000, "60s", 20_000));
    Caller ann = SomeLimits.user("ann");
    for (int i = 0; i < 5_000; i++) {
      now += MS / 10;
      assertThat(decided(limiter.acquire(ann, Trace.NONE)).allowed()).isTrue();
    }
    assertThat(asked).hasSizeLessThan(120);
    int sync = 0;
    int same = 0;
    Decision last = null;
    for (int i = 0; i < 1_000; i++) {
      Decision decision = limiter.tryAcquire(ann);
      sync += decision == null ? 0 : 1;
      same += decision == last ? 1 : 0;
      last = decision == null ? limiter.acquire(ann, Trace.NONE).result() : decision;
    }
    assertThat(sync).isGreaterThan(980);
    assertThat(same).isGreaterThan(950);
    assertThat(limiter.tryAcquire(ann).future()).isSameAs(limiter.tryAcquire(ann).future());
  }

  @Test
  void requestsThatComeTogetherWaitForOneLease() {
    slow = true;
    RateLimiter limiter = limiter(SomeLimits.perUser(60_000, "60s", 8_000));
    List<Future<Decision>> decisions = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      decisions.add(limiter.acquire(SomeLimits.user("ann"), Trace.NONE));
    }
    assertThat(asked).hasSize(1);
    while (!answers.isEmpty()) {
      now += MS;
      answers.poll().run();
    }
    assertThat(decisions).allMatch(decision -> decision.result().allowed());
    assertThat(asked).hasSizeLessThanOrEqualTo(4);
  }

  @Test
  void allPoliciesMustGrantAndARefusalCostsTheOthersNothing() {
    RateLimiter limiter =
        limiter(
            SomeLimits.config(
                "policies.a-key.by",
                "write-key",
                "policies.a-key.limit",
                "10",
                "policies.a-key.period",
                "1h",
                "policies.a-key.burst",
                "10",
                "policies.b-user.by",
                "user",
                "policies.b-user.limit",
                "10",
                "policies.b-user.period",
                "1h",
                "policies.b-user.burst",
                "2"));
    for (int i = 0; i < 50; i++) {
      decided(limiter.acquire(new Caller("k", "ann", null, null), Trace.NONE));
    }
    Decision refused = decided(limiter.acquire(new Caller("k", "ann", null, null), Trace.NONE));
    assertThat(refused.policy()).isEqualTo("b-user");
    assertThat(refused.policyHeader()).hasToString("\"a-key\";q=10;w=3600, \"b-user\";q=10;w=3600");
    int others = 0;
    for (int i = 0; i < 20; i++) {
      others +=
          decided(limiter.acquire(new Caller("k", null, null, null), Trace.NONE)).allowed() ? 1 : 0;
    }
    assertThat(others).isBetween(7, 8);
  }

  @Test
  void appliesOnlyToItsRoutesAndToRequestsWithASubject() {
    RateLimiter limiter =
        limiter(
            SomeLimits.config(
                "policies.a.by",
                "user",
                "policies.a.limit",
                "1",
                "policies.a.period",
                "1h",
                "policies.a.routes",
                "profile"));
    assertThat(limiter.tryAcquire(new Caller("k", null, "1.2.3.4", "profile")))
        .isSameAs(Decision.UNLIMITED);
    assertThat(limiter.tryAcquire(new Caller("k", "ann", "1.2.3.4", "other")))
        .isSameAs(Decision.UNLIMITED);
    assertThat(limiter.tryAcquire(new Caller("k", "ann", "1.2.3.4", null)))
        .isSameAs(Decision.UNLIMITED);
    assertThat(limiter.tryAcquire(new Caller("k", "ann", null, "profile"))).isNull();
    assertThat(Decision.UNLIMITED.policyHeader()).isEmpty();
    assertThat(Decision.UNLIMITED.rateHeader()).isEmpty();
  }

  @Test
  void offAdmitsEverything() {
    RateLimiter limiter =
        limiter(
            SomeLimits.config(
                "enabled",
                "false",
                "policies.a.by",
                "user",
                "policies.a.limit",
                "1",
                "policies.a.period",
                "1h"));
    assertThat(limiter.tryAcquire(SomeLimits.user("ann"))).isSameAs(Decision.UNLIMITED);
  }

  @Test
  void theFarSideLostLeavesThisNodesShareAndComesBackByItself() {
    RateLimiter limiter = limiter(SomeLimits.perUser(60, "60s", 30));
    Caller ann = SomeLimits.user("ann");
    lost = true;
    Decision first = decided(limiter.acquire(ann, Trace.NONE));
    assertThat(first.allowed()).isTrue();
    assertThat(first.degraded()).isTrue();
    assertThat(meters.get("tidegate.ratelimit.degraded").gauge().value()).isEqualTo(1);
    int admitted = 0;
    int before = asked.size();
    for (int i = 0; i < 60_000; i++) {
      now += MS;
      admitted += decided(limiter.acquire(ann, Trace.NONE)).allowed() ? 1 : 0;
    }
    assertThat(admitted).isBetween(19, 20);
    assertThat(asked.size() - before).isLessThanOrEqualTo(120);

    lost = false;
    for (int i = 0; i < 10_000 && limits.degraded(); i++) {
      now += MS;
      decided(limiter.acquire(ann, Trace.NONE));
    }
    assertThat(meters.get("tidegate.ratelimit.degraded").gauge().value()).isZero();
    now += 60_000 * MS;
    assertThat(decided(limiter.acquire(ann, Trace.NONE)).degraded()).isFalse();
  }

  @Test
  void tellsTheLeasesInHandUntilTheyAreSpentOrLapse() {
    RateLimiter limiter = limiter(SomeLimits.perUser(60_000, "60s", 20_000));
    for (int i = 0; i < 200; i++) {
      now += MS / 10;
      decided(limiter.acquire(SomeLimits.user("ann"), Trace.NONE));
      decided(limiter.acquire(SomeLimits.user("bob"), Trace.NONE));
    }
    decided(limiter.acquire(SomeLimits.user("once"), Trace.NONE));
    assertThat(limits.leases()).isEqualTo(2);
    assertThat(meters.get("tidegate.ratelimit.leases.held").gauge().value()).isEqualTo(2);
    now += 2_000 * MS;
    assertThat(limits.leases()).isZero();
  }

  @Test
  void whoIsFarBelowTheLimitAsksSeldomAndWhoIsRareForOneOnly() {
    RateLimiter limiter = limiter(SomeLimits.perUser(60_000_000, "60s", 20_000_000));
    for (int i = 0; i < 280; i++) {
      now += 1_000 * MS / 14;
      decided(limiter.acquire(SomeLimits.user("ann"), Trace.NONE));
    }
    assertThat(asked).hasSizeLessThan(280 / 7);
    asked.clear();
    for (int i = 0; i < 5; i++) {
      now += 10_000 * MS;
      decided(limiter.acquire(SomeLimits.user("bob"), Trace.NONE));
    }
    assertThat(asked).hasSize(5);
    assertThat(asked).allMatch(each -> each.getWants(0).getUnits() == 1);
  }

  @Test
  void whatIsInHandAfterAPauseHasLapsed() {
    RateLimiter limiter = limiter(SomeLimits.perUser(60_000, "60s", 20_000));
    Caller ann = SomeLimits.user("ann");
    for (int i = 0; i < 200; i++) {
      now += MS / 10;
      decided(limiter.acquire(ann, Trace.NONE));
    }
    assertThat(limiter.tryAcquire(ann)).isNotNull();
    now += 20_000 * MS;
    assertThat(limiter.tryAcquire(ann)).isNull();
  }

  @Test
  void aReplyReadAfterAPauseIsNotSpent() {
    slow = true;
    RateLimiter limiter = limiter(SomeLimits.perUser(60_000, "60s", 20_000));
    limiter.acquire(SomeLimits.user("ann"), Trace.NONE);
    now += 20_000 * MS;
    answers.poll().run();
    assertThat(limits.leases()).isZero();
  }

  @Test
  void aFetchThatCanOnlyBringLapsedLeasesHoldsNobodyUp() {
    slow = true;
    RateLimiter limiter = limiter(SomeLimits.perUser(60, "60s", 30));
    limiter.acquire(SomeLimits.user("ann"), Trace.NONE);
    now += 401 * MS;
    Future<Decision> later = limiter.acquire(SomeLimits.user("ann"), Trace.NONE);
    assertThat(asked).hasSize(2);
    answers.pollLast().run();
    assertThat(decided(later).allowed()).isTrue();
  }

  @Test
  void newLimitsAreInForceAtTheNextRequestAndLeasesOfOthersStay() {
    LimitsConfig before = twoPolicies("600", "60");
    RateLimiter limiter = limiter(before);
    Caller caller = new Caller("key", "ann", null, null);
    for (int i = 0; i < 20; i++) {
      assertThat(decided(limiter.acquire(caller, Trace.NONE)).allowed()).isTrue();
    }
    limits.become(twoPolicies("600", "60"));
    assertThat(limiter.tryAcquire(caller)).as("decided by the leases in hand").isNotNull();
    limits.become(twoPolicies("1200", "120"));
    assertThat(limiter.tryAcquire(caller)).as("the ledger is asked").isNull();
    asked.clear();
    Decision changed = decided(limiter.acquire(caller, Trace.NONE));
    assertThat(changed.policyHeader()).contains("\"user\";q=1200").contains("\"key\";q=9000");
    assertThat(asked.getFirst().getWantsList()).extracting(Want::getPolicy).containsExactly("user");
    limits.become(SomeLimits.config());
    assertThat(decided(limiter.acquire(caller, Trace.NONE))).isEqualTo(Decision.UNLIMITED);
    limits.become(SomeLimits.config("enabled", "false"));
    assertThat(limiter.tryAcquire(caller)).isEqualTo(Decision.UNLIMITED);
  }

  @Test
  void aUserKeepsTheLeasesOfPoliciesThatOthersComeToStandBeside() {
    RateLimiter limiter = limiter(usersBy("m"));
    Caller caller = new Caller(null, "ann", null, null);
    for (int i = 0; i < 20; i++) {
      decided(limiter.acquire(caller, Trace.NONE));
    }
    limits.become(usersBy("a", "m", "z"));
    asked.clear();
    Decision decision = decided(limiter.acquire(caller, Trace.NONE));
    assertThat(asked.getFirst().getWantsList())
        .extracting(Want::getPolicy)
        .containsExactly("a", "z");
    assertThat(decision.policyHeader().toString().split(", ", -1)).hasSize(3);
    for (int i = 0; i < 20; i++) {
      decided(limiter.acquire(caller, Trace.NONE));
    }
    limits.become(usersBy("m", "z"));
    assertThat(limiter.tryAcquire(caller)).as("decided by the leases in hand").isNotNull();
    assertThat(limiter.held()).as("one user, whatever the policies").isEqualTo(1);
  }

  @Test
  void policiesStandInTheOrderOfWhatTheyCountByAndOfTheirNames() {
    RateLimiter limiter =
        limiter(
            SomeLimits.config(
                "policies.c.by", "user",
                "policies.c.limit", "600",
                "policies.c.period", "60s",
                "policies.d.by", "write-key",
                "policies.d.limit", "600",
                "policies.d.period", "60s",
                "policies.a.by", "address",
                "policies.a.limit", "600",
                "policies.a.period", "60s",
                "policies.b.by", "user",
                "policies.b.limit", "600",
                "policies.b.period", "60s"));
    Decision decision =
        decided(limiter.acquire(new Caller("key", "ann", "10.0.0.1", null), Trace.NONE));
    assertThat(decision.policyHeader())
        .hasToString("\"d\";q=600;w=60, \"b\";q=600;w=60, \"c\";q=600;w=60, \"a\";q=600;w=60");
    limits.become(SomeLimits.config());
    assertThat(limiter.tryAcquire(new Caller("key", "ann", "10.0.0.1", null)))
        .isEqualTo(Decision.UNLIMITED);
    assertThat(limiter.held()).as("nobody is kept for policies that are gone").isZero();
  }

  @Test
  void whoCallsNoRouteThatIsLimitedIsNotKeptInMind() {
    RateLimiter limiter =
        limiter(
            SomeLimits.config(
                "policies.a.by", "user",
                "policies.a.limit", "600",
                "policies.a.period", "60s",
                "policies.a.burst", "60",
                "policies.a.routes", "orders"));
    assertThat(limiter.tryAcquire(new Caller(null, "ann", null, "carts")))
        .isEqualTo(Decision.UNLIMITED);
    assertThat(limiter.held()).isZero();
    decided(limiter.acquire(new Caller(null, "ann", null, "orders"), Trace.NONE));
    assertThat(limiter.held()).isEqualTo(1);
  }

  private static LimitsConfig usersBy(String... names) {
    List<String> keysAndValues = new ArrayList<>();
    for (String name : names) {
      keysAndValues.addAll(List.of("policies." + name + ".by", "user"));
      keysAndValues.addAll(List.of("policies." + name + ".limit", "600"));
      keysAndValues.addAll(List.of("policies." + name + ".period", "60s"));
      keysAndValues.addAll(List.of("policies." + name + ".burst", "60"));
    }
    return SomeLimits.config(keysAndValues.toArray(String[]::new));
  }

  private static LimitsConfig twoPolicies(String userLimit, String userBurst) {
    return SomeLimits.config(
        "policies.user.by", "user",
        "policies.user.limit", userLimit,
        "policies.user.period", "60s",
        "policies.user.burst", userBurst,
        "policies.key.by", "write-key",
        "policies.key.limit", "9000",
        "policies.key.period", "60s",
        "policies.key.burst", "900");
  }

  @Test
  void aPolicyThatTheFarSideDoesNotKnowYetIsRefusedAlone() {
    RateLimits old = SomeLimits.limits(twoPolicies("600", "60"), () -> 1, () -> now, meters);
    Ledger books =
        withdrawals -> Future.succeededFuture(withdrawals.stream().map(ledger::take).toList());
    FarSide side = new FarSide(books, old, () -> now, meters);
    side.begins();
    LeaseReply reply =
        side.lease(
                LeaseRequest.newBuilder()
                    .addWants(Want.newBuilder().setPolicy("new").setSubject("a").setUnits(1))
                    .addWants(Want.newBuilder().setPolicy("user").setSubject("a").setUnits(1))
                    .build())
            .result();
    assertThat(reply.getLeasesList()).extracting(Lease::getGranted).containsExactly(0L, 1L);
    assertThat(reply.getLeases(0).getRetryAfterMs()).isPositive();
  }

  @Test
  void grantsNothingBeyondItsLeasesWhileOthersMayBeGranting() {
    boolean[] mayReach = {false};
    limits =
        new RateLimits(
            SomeLimits.perUser(600, "60s", 30),
            SomeLimits.neighbours(() -> 3, () -> false, () -> mayReach[0]),
            () -> now,
            meters);
    RateLimiter limiter = new RateLimiter(this::ask, limits, () -> now, meters);
    lost = true;
    mayReach[0] = true;
    Decision refused = decided(limiter.acquire(SomeLimits.user("ann"), Trace.NONE));
    assertThat(refused.allowed()).isFalse();
    assertThat(refused.degraded()).isTrue();
    assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(1));
    assertThat(meters.get("tidegate.ratelimit.leases").tag("outcome", "withheld").counter().count())
        .isEqualTo(1);

    mayReach[0] = false;
    now += 500 * MS;
    assertThat(decided(limiter.acquire(SomeLimits.user("ann"), Trace.NONE)).allowed()).isTrue();
  }

  @Test
  void holdsARequestUpRatherThanRefusingItForNoLimitsSake() {
    limits =
        new RateLimits(
            SomeLimits.perUser(600, "60s", 30),
            SomeLimits.neighbours(() -> 3, () -> false, () -> true),
            () -> now,
            meters);
    List<Promise<Void>> pauses = new ArrayList<>();
    RateLimiter limiter = patient(pauses);
    lost = true;
    Future<Decision> waits = limiter.acquire(SomeLimits.user("ann"), Trace.NONE);
    assertThat(waits.isComplete()).isFalse();
    lost = false;
    pauses.getFirst().complete();
    assertThat(decided(waits).allowed()).isTrue();

    lost = true;
    Future<Decision> inVain = limiter.acquire(SomeLimits.user("bob"), Trace.NONE);
    now += 3_001 * MS;
    pauses.getLast().complete();
    assertThat(decided(inVain).allowed()).isFalse();
  }

  @Test
  void holdsARequestUpThatAnEmptyShareRefusesWhenLeasesHaveJustStoppedComing() {
    limits = SomeLimits.limits(SomeLimits.perUser(600, "60s", 30), () -> 3, () -> now, meters);
    List<Promise<Void>> pauses = new ArrayList<>();
    RateLimiter limiter = patient(pauses);
    lost = true;
    assertThat(decided(limiter.acquire(SomeLimits.user("ann"), Trace.NONE)).allowed())
        .as("the share's first request")
        .isTrue();
    Future<Decision> waits = limiter.acquire(SomeLimits.user("ann"), Trace.NONE);
    assertThat(waits.isComplete()).isFalse();
    now += 301 * MS;
    pauses.getLast().complete();
    assertThat(decided(waits).allowed()).as("three nodes share 10 a second").isTrue();

    Future<Decision> inVain = limiter.acquire(SomeLimits.user("ann"), Trace.NONE);
    assertThat(inVain.isComplete()).isFalse();
    now += 250 * MS;
    pauses.getLast().complete();
    assertThat(inVain.isComplete()).isFalse();
    now += 449 * MS;
    assertThat(decided(limiter.acquire(SomeLimits.user("ann"), Trace.NONE)).allowed()).isTrue();
    assertThat(decided(limiter.acquire(SomeLimits.user("ann"), Trace.NONE)).allowed()).isTrue();
    assertThat(decided(limiter.acquire(SomeLimits.user("ann"), Trace.NONE)).allowed())
        .as("no doubt about the outage any more")
        .isFalse();
    pauses.getLast().complete();
    assertThat(decided(inVain).allowed()).isFalse();
  }

  @Test
  void leasesThatLapsedOnTheWayAreNotSpent() {
    slow = true;
    RateLimiter limiter = limiter(SomeLimits.perUser(60, "60s", 30));
    Future<Decision> waits = limiter.acquire(SomeLimits.user("ann"), Trace.NONE);
    now += 401 * MS;
    answers.poll().run();
    assertThat(waits.isComplete()).isFalse();
    assertThat(asked).hasSize(2);
    answers.poll().run();
    assertThat(decided(waits).allowed()).isTrue();
    assertThat(meters.get("tidegate.ratelimit.units").tag("state", "lapsed").counter().count())
        .isEqualTo(1);
  }

  @Test
  void leasesThatAlwaysLapseOnTheWayHoldARequestUpNoLongerThanItsPatience() {
    slow = true;
    limits =
        new RateLimits(
            SomeLimits.perUser(600, "60s", 30),
            SomeLimits.neighbours(() -> 3, () -> false, () -> true),
            () -> now,
            meters);
    Future<Decision> waits = patient(new ArrayList<>()).acquire(SomeLimits.user("ann"), Trace.NONE);
    long began = now;
    while (!answers.isEmpty()) {
      now += 900 * MS;
      answers.poll().run();
    }
    assertThat(decided(waits).allowed()).isFalse();
    assertThat((now - began) / MS).isBetween(3_000L, 4_000L);
  }

  @Test
  void aLaterRoundEndsWithTheRequestsOwnPatience() {
    slow = true;
    limits =
        new RateLimits(
            SomeLimits.perUser(600, "60s", 30),
            SomeLimits.neighbours(() -> 3, () -> false, () -> true),
            () -> now,
            meters);
    List<Promise<Void>> pauses = new ArrayList<>();
    Future<Decision> waits = patient(pauses).acquire(SomeLimits.user("ann"), Trace.NONE);
    assertThat(pauses).as("the first fetch has patience of its own").isEmpty();
    now += 2_900 * MS;
    answers.poll().run();
    assertThat(answers).as("it had lapsed; another is under way").hasSize(1);
    assertThat(waits.isComplete()).isFalse();
    now += 501 * MS;
    pauses.getLast().complete();
    assertThat(decided(waits).allowed()).isFalse();
  }

  @Test
  void requestsThatCameBeforeAStandstillGetTheirBurstAfterIt() {
    slow = true;
    RateLimiter limiter = limiter(SomeLimits.perUser(60, "60s", 30));
    List<Future<Decision>> waits = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      waits.add(limiter.acquire(SomeLimits.user("ann"), Trace.NONE));
    }
    now += 20_000 * MS;
    while (!answers.isEmpty()) {
      answers.poll().run();
      now += MS;
    }
    assertThat(waits).allMatch(each -> decided(each).allowed());
  }

  @Test
  void whatRunsLowTogetherIsAskedForTogether() {
    RateLimiter limiter =
        limiter(
            SomeLimits.config(
                "policies.a.by", "user",
                "policies.a.limit", "60000",
                "policies.a.period", "60s",
                "policies.a.burst", "20000",
                "policies.b.by", "user",
                "policies.b.limit", "60000",
                "policies.b.period", "60s",
                "policies.b.burst", "20000"));
    for (int i = 0; i < 5_000; i++) {
      now += MS / 10;
      assertThat(decided(limiter.acquire(SomeLimits.user("ann"), Trace.NONE)).allowed()).isTrue();
    }
    assertThat(asked).allMatch(each -> each.getWantsCount() == 2);
  }

  @Test
  void aLeaseThatLapsedWhileTheMachineStoodStillIsAskedForOnceMore() {
    slow = true;
    RateLimiter limiter = limiter(SomeLimits.perUser(60, "60s", 30));
    Future<Decision> waits = limiter.acquire(SomeLimits.user("ann"), Trace.NONE);
    now += 20_000 * MS;
    answers.poll().run();
    assertThat(waits.isComplete()).isFalse();
    answers.poll().run();
    assertThat(decided(waits).allowed()).isTrue();
  }

  @Test
  void aLateLeaseIsNoRefusalOfWhatWasAskedForSince() {
    slow = true;
    RateLimiter limiter = limiter(SomeLimits.perUser(60_000, "60s", 4_000));
    List<Future<Decision>> waits = new ArrayList<>();
    waits.add(limiter.acquire(SomeLimits.user("ann"), Trace.NONE));
    now += 1_001 * MS;
    for (int i = 0; i < 5; i++) {
      waits.add(limiter.acquire(SomeLimits.user("ann"), Trace.NONE));
    }
    assertThat(asked).as("the first is given up for late").hasSize(2);
    assertThat(asked.get(1).getWants(0).getUnits()).isGreaterThan(1);
    while (!answers.isEmpty()) {
      answers.poll().run();
    }
    assertThat(waits).allMatch(each -> decided(each).allowed());
  }

  @Test
  void aFarSideThatIsAlwaysTooLateCountsAsLost() {
    slow = true;
    RateLimiter limiter = limiter(SomeLimits.perUser(60, "60s", 30));
    Future<Decision> waits = limiter.acquire(SomeLimits.user("ann"), Trace.NONE);
    while (!answers.isEmpty()) {
      now += 500 * MS;
      answers.poll().run();
    }
    assertThat(limits.degraded()).isTrue();
    assertThat(decided(waits).degraded()).isTrue();
  }

  @Test
  void aReplyOfTheWrongLengthCountsAsLost() {
    limits = SomeLimits.limits(SomeLimits.perUser(60, "60s", 30), () -> 1, () -> now, meters);
    RateLimiter limiter =
        new RateLimiter(
            (request, trace) ->
                Future.succeededFuture(
                    LeaseReply.newBuilder()
                        .addLeases(Lease.newBuilder())
                        .addLeases(Lease.newBuilder())
                        .build()),
            limits,
            () -> now,
            meters);
    assertThat(decided(limiter.acquire(SomeLimits.user("ann"), Trace.NONE)).degraded()).isTrue();
  }

  @Test
  void tooManyWaitingRequestsAreRefusedAsOverload() {
    slow = true;
    RateLimiter limiter = limiter(SomeLimits.perUser(60, "60s", 30));
    for (int i = 0; i < 10_000; i++) {
      limiter.acquire(SomeLimits.user("ann"), Trace.NONE);
    }
    Throwable cause = limiter.acquire(SomeLimits.user("ann"), Trace.NONE).cause();
    assertThat(cause).isInstanceOf(FailureException.class);
    assertThat(((FailureException) cause).failure()).isEqualTo(Failure.OVERLOADED);
  }

  @Test
  void aFloodOfSubjectsStaysBoundedAndLongNamesAreShortened() {
    RateLimiter limiter =
        limiter(
            SomeLimits.config(
                "max-subjects",
                "500",
                "policies.a.by",
                "address",
                "policies.a.limit",
                "10",
                "policies.a.period",
                "1h"));
    for (int i = 0; i < 100_000; i++) {
      decided(limiter.acquire(new Caller(null, null, "10." + i, null), Trace.NONE));
    }
    assertThat(limiter.held()).isLessThanOrEqualTo(500);
    decided(limiter.acquire(new Caller(null, null, "x".repeat(8_000), null), Trace.NONE));
    assertThat(asked.getLast().getWants(0).getSubject()).hasSize(64);
  }
}
