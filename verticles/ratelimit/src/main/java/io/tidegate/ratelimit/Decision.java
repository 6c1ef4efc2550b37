package io.tidegate.ratelimit;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An answer to one request: admitted or not, and what to tell the caller. Immutable and shared by
 * the requests that a lease admits, headers included, so that a warm decision allocates nothing;
 * {@code remaining} and {@code resetSeconds} are therefore as of the last lease.
 *
 * <p>Header fields as in draft-ietf-httpapi-ratelimit-headers-10: {@code RateLimit-Policy} lists
 * every policy that applies, {@code RateLimit} the one that is closest to refusing.
 */
public final class Decision {
  /** Limits are off, or none applies. */
  static final Decision UNLIMITED = new Decision(true, null, "", 0, 0, 0, false, "");

  private final boolean allowed;
  private final @Nullable Policy policy;
  private final String subject;
  private final long remaining;
  private final long resetSeconds;
  private final long retryAfterSeconds;
  private final boolean degraded;
  // As bytes: Vert.x writes Strings character by character, for every answer.
  private final CharSequence policyHeader;
  private final CharSequence rateHeader;
  private final Future<Decision> future = Future.succeededFuture(this);

  Decision(
      boolean allowed,
      @Nullable Policy policy,
      String subject,
      long remaining,
      long resetSeconds,
      long retryAfterSeconds,
      boolean degraded,
      String policyHeader) {
    this.allowed = allowed;
    this.policy = policy;
    this.subject = subject;
    this.remaining = remaining;
    this.resetSeconds = resetSeconds;
    this.retryAfterSeconds = retryAfterSeconds;
    this.degraded = degraded;
    this.policyHeader = HttpHeaders.createOptimized(policyHeader);
    this.rateHeader =
        HttpHeaders.createOptimized(
            policy == null
                ? ""
                : "\"" + policy.name() + "\";r=" + remaining + ";t=" + resetSeconds);
  }

  public boolean allowed() {
    return allowed;
  }

  /** Name of the policy closest to refusing, or of the one that refused; null when none applies. */
  public @Nullable String policy() {
    return policy == null ? null : policy.name();
  }

  /** Units that may be spent at once; 0 when refused. */
  public long remaining() {
    return remaining;
  }

  /** Until the quota is whole again. */
  public long resetSeconds() {
    return resetSeconds;
  }

  /** When refused, until a request could be admitted: at least 1 s, rounded up; else zero. */
  public Duration retryAfter() {
    return Duration.ofSeconds(retryAfterSeconds);
  }

  long retryAfterSeconds() {
    return retryAfterSeconds;
  }

  /**
   * Decided without the ledger in Redis: from this node's share, or refused while others may be
   * granting.
   */
  public boolean degraded() {
    return degraded;
  }

  /** Value of {@code RateLimit-Policy}; empty when there is nothing to send. */
  public CharSequence policyHeader() {
    return policyHeader;
  }

  /** Value of {@code RateLimit}; empty when there is nothing to send. */
  public CharSequence rateHeader() {
    return rateHeader;
  }

  /**
   * The refusal as {@link Failure#RATE_LIMITED}, with {@code retryAfter} and the member {@code
   * policy}.
   *
   * @throws IllegalStateException if the request was admitted
   */
  public FailureException refusal() {
    if (allowed || policy == null) {
      throw new IllegalStateException("refusal of a request that was admitted");
    }
    Quota quota = policy.quotaOf(subject);
    return new FailureException(
            Failure.RATE_LIMITED,
            policy.name()
                + ": over "
                + quota.limit()
                + " units in "
                + seconds(quota.periodMicros())
                + " s (expected: the next request in "
                + retryAfterSeconds
                + " s)",
            retryAfter())
        .with("policy", policy.name());
  }

  /** This decision as a completed future, always the same. */
  Future<Decision> future() {
    return future;
  }

  static long seconds(long micros) {
    return Math.ceilDiv(micros, 1_000_000);
  }
}
