package io.tidegate.ratelimit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.ratelimit.LimitsConfig.By;
import java.util.List;

/**
 * What one near side holds of all policies that count by the same: a request looks its user up
 * once, however many policies limit users. Confined to its event loop, but for {@link #leases}.
 */
final class Table {
  private final By by;
  private final Cache<String, Holdings> subjects;
  private Counted[] policies = {};

  /**
   * A policy and how many requests it decided here.
   *
   * @param admitted by all policies that applied
   * @param refused by this one
   */
  record Counted(Policy policy, Counter admitted, Counter refused) {
    static Counted of(Policy policy, MeterRegistry meters) {
      return new Counted(
          policy, decisions(meters, policy, "admitted"), decisions(meters, policy, "refused"));
    }

    private static Counter decisions(MeterRegistry meters, Policy policy, String outcome) {
      return Counter.builder("tidegate.ratelimit.decisions")
          .description("requests a policy admitted or refused")
          .tag("policy", policy.name())
          .tag("outcome", outcome)
          .register(meters);
    }
  }

  /**
   * @param by what its policies count by
   * @param maxSubjects kept in mind; who was not seen for longest is forgotten
   */
  Table(By by, int maxSubjects) {
    this.by = by;
    this.subjects = Caffeine.newBuilder().maximumSize(maxSubjects).executor(Runnable::run).build();
  }

  /** Policies that are as they were keep what is held of them. */
  void become(List<Policy> all, MeterRegistry meters) {
    policies =
        all.stream()
            .filter(policy -> policy.by() == by)
            .map(policy -> Counted.of(policy, meters))
            .toArray(Counted[]::new);
    if (policies.length == 0) {
      subjects.invalidateAll(); // nobody would come to forget them
    }
  }

  /**
   * Adds what applies to a request.
   *
   * @param holdings filled from {@code count} on, as {@code counted} is
   * @return how many there are now
   */
  int collect(Caller caller, long now, Holding[] holdings, Counted[] counted, int count) {
    Counted[] all = policies;
    Holdings held = null;
    int next = count;
    for (int i = 0; i < all.length; i++) {
      if (!all[i].policy().covers(caller.route())) {
        continue;
      }
      if (held == null) {
        String subject = caller.subject(by);
        if (subject == null) {
          return count;
        }
        held = held(Subjects.shortened(subject), all);
      }
      counted[next] = all[i];
      holdings[next++] = held.of(i, now);
    }
    return next;
  }

  private Holdings held(String subject, Counted[] all) {
    Holdings held = subjects.getIfPresent(subject);
    if (held == null) {
      held = new Holdings(subject, all);
      subjects.put(subject, held);
    } else if (held.policies != all) {
      held.become(all);
    }
    return held;
  }

  /** Subjects in mind. */
  long held() {
    subjects.cleanUp();
    return subjects.estimatedSize();
  }

  /** Leases in hand: unspent and not lapsed. From other threads it is a moment old. */
  int leases(long now) {
    int leases = 0;
    for (Holdings held : subjects.asMap().values()) {
      for (Holding holding : held.byPlace) {
        leases += holding != null && holding.hasRoom(now) ? 1 : 0;
      }
    }
    return leases;
  }
}
