package io.tidegate.profile;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import io.tidegate.platform.Heap;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The first layer: views held in this process, bounded by the bytes they take. Versions only grow:
 * an older view never replaces a newer one, nor one that is known to have been outdated while it
 * was on its way. Safe from any thread.
 *
 * <p>An entry is fresh for a while, then answerable while it is read again, then kept only for the
 * time when the truth can't be reached. An announced change ends the first two at once, and so does
 * doubt whether all changes were heard ({@link ProfileConfig#doubtedFor}). That there is no such
 * customer is remembered for a short while and never answered beyond it.
 */
final class ProcessCache {
  /**
   * What an entry takes beside its id and bytes: the cache's node, the view, the buffer, the tag.
   * Measured roughly.
   */
  static final int OVERHEAD_BYTES = 400;

  /** Announcements outlive the reads that they may have overtaken. */
  private static final Duration ANNOUNCEMENTS_FOR = Duration.ofSeconds(10);

  private static final int HEAP_PARTS = 8;
  private static final int MAX_ANNOUNCEMENTS = 200_000;

  private final ProfileConfig config;
  private final Ticker ticker;
  private final LongUnaryOperator doubtedFor;
  private final Cache<String, Entry> entries;
  private final Cache<String, Change> announced;
  private final LongAdder evictions = new LongAdder();

  /**
   * @param doubtedFor for how long it has been in doubt whether all changes since a time were
   *     heard; nanoseconds, 0 for no doubt
   */
  ProcessCache(ProfileConfig config, Ticker ticker, LongUnaryOperator doubtedFor) {
    this.config = config;
    this.ticker = ticker;
    this.doubtedFor = doubtedFor;
    this.entries =
        Caffeine.newBuilder()
            .maximumWeight(Heap.share(config.processBytes(), HEAP_PARTS))
            .<String, Entry>weigher((id, entry) -> entry.weight())
            .expireAfter(new EntryEnd())
            .evictionListener((id, entry, cause) -> evictions.increment())
            .ticker(ticker)
            .executor(Runnable::run) // its upkeep is short and bounded: not worth another thread
            .build();
    this.announced =
        Caffeine.newBuilder()
            .maximumSize(MAX_ANNOUNCEMENTS)
            .expireAfterWrite(ANNOUNCEMENTS_FOR)
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  /** What is held for an id, whether it may still be answered or not. */
  @Nullable Entry get(String id) {
    return entries.getIfPresent(id);
  }

  /** Whether it may be answered without asking anyone. */
  boolean fresh(Entry entry, long now) {
    return entry.fresh(now) && doubted(entry, now) == 0;
  }

  /** Whether it may be answered while it is read again. */
  boolean answerable(Entry entry, long now) {
    return entry.answerable(now) && doubted(entry, now) < config.doubtedFor().toNanos();
  }

  /**
   * For how long it has been in doubt whether a change of an entry was missed; 0 when it is not, or
   * when the entry was read so lately that it does not matter, or is marked stale anyway.
   */
  private long doubted(Entry entry, long now) {
    return entry.view().stale() || now - entry.asked() < config.doubtedFor().toNanos()
        ? 0
        : doubtedFor.applyAsLong(entry.asked());
  }

  /** Now, by the clock that entries are measured with. */
  long now() {
    return ticker.read();
  }

  /** What was announced of late. */
  Change announced(String id) {
    Change change = announced.getIfPresent(id);
    return change == null ? Change.NONE : change;
  }

  /**
   * Takes an answer in.
   *
   * @param heard what was announced while the answer was on its way
   * @param asked when it was asked for, by the cache's clock
   * @return what to give out: the answer, or what is held when that is newer; stale when a newer
   *     version is known. Null when the answer is outdated and there is nothing that may be given
   *     out
   */
  @Nullable ProfileView put(ProfileView answer, Change heard, long asked) {
    @Nullable ProfileView[] out = {answer};
    entries
        .asMap()
        .compute(
            answer.id(),
            (id, held) -> {
              if (held != null && held.view.version() > answer.version()) {
                out[0] = held.view;
                return held;
              }
              Change change = heard.and(announced(id));
              if (!change.outdates(answer)) {
                return entry(answer, false, asked);
              }
              if (change.erased() || !answer.exists()) {
                out[0] = null;
                return held;
              }
              out[0] = answer.from(answer.layer(), true);
              return entry(answer, true, asked);
            });
    return out[0];
  }

  /**
   * Hears of a change: what is outdated may be answered no more, or as stale only; what was erased
   * is dropped.
   */
  void announce(String id, Change change) {
    announced.asMap().merge(id, change, Change::and);
    entries
        .asMap()
        .computeIfPresent(
            id,
            (key, held) -> {
              if (!change.outdates(held.view)) {
                return held;
              }
              return change.erased() || !held.view.exists() ? null : held.outdated(ticker.read());
            });
  }

  /**
   * What is held, marked stale since the truth could not be reached, and answerable until it is
   * worth another try; null when nothing is held that may be answered.
   */
  @Nullable ProfileView keepAsStale(String id) {
    Entry kept =
        entries
            .asMap()
            .computeIfPresent(
                id,
                (key, held) -> {
                  long now = ticker.read();
                  boolean asItIs = !held.view.exists() || (fresh(held, now) && !held.view.stale());
                  return asItIs ? held : held.stale(now + jittered(config.retryAfter()));
                });
    return kept != null && kept.view.exists() ? kept.view : null;
  }

  long size() {
    return entries.estimatedSize();
  }

  long bytes() {
    entries.cleanUp();
    return entries.policy().eviction().orElseThrow().weightedSize().orElse(0);
  }

  long evictions() {
    return evictions.sum();
  }

  private Entry entry(ProfileView answer, boolean outdated, long asked) {
    long now = ticker.read();
    if (!answer.exists()) {
      long end = now + jittered(config.absentFor());
      return new Entry(answer.from(Layer.PROCESS, false), asked, end, end, end);
    }
    long end = now + jittered(config.processLifetime());
    if (outdated || answer.stale()) {
      long retry = outdated ? now : now + jittered(config.retryAfter());
      return new Entry(answer.from(Layer.PROCESS, true), asked, retry, retry, end);
    }
    long fresh = now + jittered(config.freshFor());
    long answerable = fresh + config.revalidateFor().toNanos();
    return new Entry(answer.from(Layer.PROCESS, false), asked, fresh, answerable, end);
  }

  private long jittered(Duration length) {
    double spread = config.jitter() * (2 * ThreadLocalRandom.current().nextDouble() - 1);
    return (long) (length.toNanos() * (1 + spread));
  }

  /**
   * A view and its times, by the cache's clock.
   *
   * @param asked when it was asked for: it knows of all that was committed before
   * @param freshUntil until then it is answered and nobody is asked
   * @param answerableUntil until then it is answered while it is read again
   * @param endsAt then it is dropped
   */
  record Entry(ProfileView view, long asked, long freshUntil, long answerableUntil, long endsAt) {
    boolean fresh(long now) {
      return now - freshUntil < 0;
    }

    boolean answerable(long now) {
      return now - answerableUntil < 0;
    }

    int weight() {
      return OVERHEAD_BYTES + 2 * view.id().length() + view.json().length();
    }

    Entry outdated(long now) {
      return new Entry(view.from(Layer.PROCESS, true), asked, now, now, endsAt);
    }

    Entry stale(long until) {
      long answerable = until - answerableUntil < 0 ? answerableUntil : until;
      return new Entry(view.from(Layer.PROCESS, true), asked, until, answerable, endsAt);
    }
  }

  /** Each entry says itself when it ends, however often it is rewritten. */
  private static final class EntryEnd implements Expiry<String, Entry> {
    @Override
    public long expireAfterCreate(String id, Entry entry, long now) {
      return Math.max(1, entry.endsAt - now);
    }

    @Override
    public long expireAfterUpdate(String id, Entry entry, long now, long left) {
      return Math.max(1, entry.endsAt - now);
    }

    @Override
    public long expireAfterRead(String id, Entry entry, long now, long left) {
      return left;
    }
  }
}
