package io.tidegate.ratelimit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.tidegate.bus.Failure;
import io.tidegate.proto.ratelimit.LeaseReply;
import io.tidegate.proto.ratelimit.LeaseRequest;
import io.tidegate.proto.ratelimit.Want;
import io.tidegate.ratelimit.Ledger.Withdrawal;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Grants leases from the ledger, and none while the ledger is out of reach: another node may be
 * granting from it. Confined to its event loop, but for {@link #able}.
 *
 * <p>Why a node that reaches the ledger again waits before it grants:
 * docs/adr/0008-what-a-partition-may-cost-a-limit.md.
 */
final class FarSide {
  /** Until all nodes have heard that this one reaches the ledger, and stopped granting shares. */
  static final long HEARD_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** Wants of one call; a near side asks for {@link GatheredLeases#MAX_WANTS} at most. */
  private static final int MAX_WANTS = 256;

  private static final int MAX_REASON_LENGTH = 200;

  private final Ledger ledger;
  private final RateLimits limits;
  private final LongSupplier nanoClock;
  private final Timer ledgerTime;
  private final Counter granted;
  private final Counter refused;
  private volatile boolean reaches;
  private long reachesSince;
  private long nobodyReachedAt;
  private long sharesEndedMicros;

  FarSide(Ledger ledger, RateLimits limits, LongSupplier nanoClock, MeterRegistry meters) {
    this.ledger = ledger;
    this.limits = limits;
    this.nanoClock = nanoClock;
    this.ledgerTime =
        Timer.builder("tidegate.ratelimit.redis")
            .description("leases of one call booked in the ledger: asked to answered")
            .publishPercentileHistogram()
            .minimumExpectedValue(Duration.ofNanos(50_000))
            .maximumExpectedValue(Duration.ofSeconds(1))
            .register(meters);
    this.granted = leases(meters, "granted");
    this.refused = leases(meters, "refused");
    this.nobodyReachedAt = nanoClock.getAsLong() - HEARD_NANOS;
  }

  static Counter leases(MeterRegistry meters, String outcome) {
    return Counter.builder("tidegate.ratelimit.leases")
        .description(
            "leases by outcome: granted at least in part, refused, share (granted by this node"
                + " alone), withheld (others may be granting)")
        .tag("outcome", outcome)
        .register(meters);
  }

  /** Whether the ledger is in reach; safe from any thread. */
  boolean able() {
    return reaches;
  }

  /** The ledger is in reach from the start. */
  void begins() {
    reaches = true;
    limits.grants(true);
  }

  /** The ledger does not answer. */
  void loses(String reason) {
    reaches = false;
    limits.redis().begins(reason, nanoClock.getAsLong());
    limits.grants(false);
  }

  /** Nobody is granted anything here any more. */
  void ends() {
    reaches = false;
    limits.grants(false);
  }

  /** Keeps in mind whether anybody reaches the ledger; to be called a few times a second. */
  void looksAround() {
    if (!limits.neighbours().reach()) {
      nobodyReachedAt = nanoClock.getAsLong();
    }
  }

  /**
   * The ledger answers. When it was lost this node says so at once, and grants once nobody grants
   * shares any more.
   *
   * @param ledgerMicros the ledger's clock
   */
  void reaches(long ledgerMicros) {
    long now = nanoClock.getAsLong();
    limits.own().sets(ledgerMicros);
    if (!reaches) {
      reaches = true;
      reachesSince = now;
    }
    if (!limits.redis().lost()) {
      return;
    }
    boolean alone = limits.nodes() == 1 && !limits.neighbours().mayReach();
    boolean othersDid = now - nobodyReachedAt >= HEARD_NANOS;
    if (alone || othersDid || now - reachesSince >= HEARD_NANOS) {
      sharesEndedMicros = alone || othersDid ? sharesEndedMicros : ledgerMicros;
      limits.grants(true);
      limits.redis().ends();
      // This node's near sides need no request to find out.
      limits.farSide().ends();
    }
  }

  /**
   * Leases for these wants. One of a policy that is not in force here, as may be for a moment while
   * new limits go round, gets nothing yet and leaves the others alone.
   *
   * @return fails with {@link Failure#STORE_UNAVAILABLE} while the ledger is out of reach, {@link
   *     Failure#BAD_REQUEST} for wants that make no sense
   */
  Future<LeaseReply> lease(LeaseRequest request) {
    if (request.getWantsCount() > MAX_WANTS) {
      return Future.failedFuture(
          Failure.BAD_REQUEST.because(
              "wants: " + request.getWantsCount() + " (expected: <= " + MAX_WANTS + ")"));
    }
    if (limits.redis().lost()) {
      return Future.failedFuture(
          Failure.STORE_UNAVAILABLE.because("the ledger of the limits is out of reach"));
    }
    LimitsInForce now = limits.inForce();
    List<Want> wants = request.getWantsList();
    List<Withdrawal> withdrawals = new ArrayList<>(wants.size());
    for (Want want : wants) {
      if (want.getUnits() < 1) {
        return Future.failedFuture(
            Failure.BAD_REQUEST.because(
                "want: " + want.getUnits() + " of " + want.getPolicy() + " (expected: >= 1)"));
      }
      Policy policy = now.policy(want.getPolicy());
      if (policy != null) {
        withdrawals.add(withdrawal(policy, want));
      }
    }
    if (withdrawals.isEmpty()) {
      return Future.succeededFuture(reply(now, wants, List.of(), List.of()));
    }
    long asked = nanoClock.getAsLong();
    return ledger
        .take(withdrawals)
        .map(
            grants -> {
              ledgerTime.record(nanoClock.getAsLong() - asked, TimeUnit.NANOSECONDS);
              return reply(now, wants, withdrawals, grants);
            })
        .recover(
            cause -> {
              String reason = firstLine(String.valueOf(cause.getMessage()));
              loses(reason);
              return Future.failedFuture(Failure.STORE_UNAVAILABLE.because(reason));
            });
  }

  /** Redis's client tells of each command of a write that failed. */
  private static String firstLine(String message) {
    String line = message.lines().findFirst().orElse("");
    return line.substring(0, Math.min(line.length(), MAX_REASON_LENGTH));
  }

  private Withdrawal withdrawal(Policy policy, Want want) {
    String key = RateLimits.key(policy.name(), want.getSubject());
    Quota quota = policy.quotaOf(want.getSubject());
    long notBefore = Math.max(limits.own().known(key), afterShares(quota));
    return new Withdrawal(key, quota, want.getUnits(), notBefore);
  }

  private LeaseReply reply(
      LimitsInForce then, List<Want> wants, List<Withdrawal> withdrawals, List<Grant> grants) {
    LeaseReply.Builder reply = LeaseReply.newBuilder();
    int next = 0;
    for (Want want : wants) {
      if (then.policy(want.getPolicy()) == null) {
        reply.addLeases(RateLimits.WITHHELD);
        continue;
      }
      Withdrawal withdrawal = withdrawals.get(next);
      Grant grant = grants.get(next++);
      limits.own().learn(withdrawal.key(), grant);
      (grant.granted() > 0 ? granted : refused).increment();
      reply.addLeases(RateLimits.lease(withdrawal.quota(), 1, want.getUnits(), grant));
    }
    return reply.build();
  }

  /**
   * The TAT of a subject that had all its burst when the shares ended: other nodes may have granted
   * it, and the ledger does not know.
   */
  private long afterShares(Quota quota) {
    return sharesEndedMicros == 0
        ? 0
        : sharesEndedMicros + quota.tolerance(1) - quota.micros(quota.cost(), 1);
  }
}
