package io.tidegate.profile;

import static io.tidegate.profile.Profiles.absent;
import static io.tidegate.profile.Profiles.config;
import static io.tidegate.profile.Profiles.view;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProcessCacheTest {
  private final Profiles.Clock clock = new Profiles.Clock();
  private long doubt;
  private final ProcessCache cache = new ProcessCache(config(), clock, since -> doubt);

  @Test
  void anEntryIsFreshThenAnswerableThenKeptThenGone() {
    cache.put(view("a", 1), Change.NONE, clock.read());
    assertThat(entry("a").fresh(clock.read())).isTrue();

    clock.pass(Duration.ofSeconds(31));
    assertThat(entry("a").fresh(clock.read())).isFalse();
    assertThat(entry("a").answerable(clock.read())).isTrue();

    clock.pass(Duration.ofMinutes(6));
    assertThat(entry("a").answerable(clock.read())).isFalse();

    clock.pass(Duration.ofHours(1));
    assertThat(cache.get("a")).isNull();
  }

  @Test
  void anEntryInDoubtIsAnsweredForAMomentThenNotBeforeItIsReadAgain() {
    cache.put(view("a", 1), Change.NONE, clock.read());
    clock.pass(Duration.ofMillis(400));
    doubt = 1;
    assertThat(fresh("a")).as("read a moment ago").isTrue();
    clock.pass(Duration.ofMillis(200));
    assertThat(fresh("a")).isFalse();
    assertThat(answerable("a")).isTrue();
    doubt = Duration.ofMillis(500).toNanos();
    assertThat(answerable("a")).isFalse();
    doubt = 0;
    assertThat(fresh("a")).as("the doubt was about another time").isTrue();
  }

  @Test
  void whatIsMarkedStaleIsNotInDoubtToo() {
    cache.put(view("a", 1), Change.NONE, clock.read());
    clock.pass(Duration.ofSeconds(5));
    doubt = Duration.ofSeconds(5).toNanos();
    assertThat(answerable("a")).isFalse();
    cache.keepAsStale("a");
    assertThat(fresh("a")).as("until the next try").isTrue();
    clock.pass(Duration.ofMillis(30_001));
    assertThat(entry("a").view().stale()).isTrue();
  }

  private boolean fresh(String id) {
    return cache.fresh(entry(id), clock.read());
  }

  private boolean answerable(String id) {
    return cache.answerable(entry(id), clock.read());
  }

  @Test
  void whatIsHeldIsThisProcesss() {
    cache.put(view("a", 1), Change.NONE, clock.read());

    assertThat(entry("a").view().layer()).isEqualTo(Layer.PROCESS);
    assertThat(entry("a").view().stale()).isFalse();
  }

  @Test
  void anOlderVersionNeverReplacesANewerOne() {
    cache.put(view("a", 5), Change.NONE, clock.read());

    ProfileView out = cache.put(view("a", 4), Change.NONE, clock.read());

    assertThat(out.version()).isEqualTo(5);
    assertThat(entry("a").view().version()).isEqualTo(5);
  }

  @Test
  void theSameVersionReadAgainIsFreshAgain() {
    cache.put(view("a", 5), Change.NONE, clock.read());
    clock.pass(Duration.ofSeconds(40));

    cache.put(view("a", 5), Change.NONE, clock.read());

    assertThat(entry("a").fresh(clock.read())).isTrue();
  }

  @Test
  void anAnnouncedChangeEndsWhatIsOlder() {
    cache.put(view("a", 5), Change.NONE, clock.read());

    cache.announce("a", new Change(6, false));

    assertThat(entry("a").answerable(clock.read())).isFalse();
    assertThat(cache.keepAsStale("a").stale()).isTrue();
  }

  @Test
  void anAnnouncedChangeLeavesWhatIsAsNew() {
    cache.put(view("a", 6), Change.NONE, clock.read());

    cache.announce("a", new Change(6, false));

    assertThat(entry("a").fresh(clock.read())).isTrue();
  }

  @Test
  void anAnswerOvertakenByAChangeIsGivenAsStaleAndNotAnsweredAgain() {
    cache.announce("a", new Change(6, false));

    ProfileView out = cache.put(view("a", 5), Change.NONE, clock.read());

    assertThat(out.stale()).isTrue();
    assertThat(entry("a").answerable(clock.read())).isFalse();
  }

  @Test
  void aChangeHeardByTheFlightCountsWhenTheCacheForgotIt() {
    cache.announce("a", new Change(6, false));
    clock.pass(Duration.ofMinutes(1));
    assertThat(cache.announced("a")).isEqualTo(Change.NONE);

    assertThat(cache.put(view("a", 5), new Change(6, false), clock.read()).stale()).isTrue();
  }

  @Test
  void whatWasErasedIsNeverGivenOutAgain() {
    cache.put(view("a", 5), Change.NONE, clock.read());

    cache.announce("a", new Change(6, true));

    assertThat(cache.get("a")).isNull();
    assertThat(cache.put(view("a", 5), Change.NONE, clock.read())).isNull();
    assertThat(cache.keepAsStale("a")).isNull();
  }

  @Test
  void erasureIsRememberedBesideNewerChanges() {
    Change erased = new Change(6, true);
    Change changed = new Change(7, false);

    assertThat(erased.and(changed)).isEqualTo(new Change(7, true));
    assertThat(changed.and(erased)).isEqualTo(new Change(7, true));
    assertThat(Change.NONE.and(changed)).isEqualTo(changed);
  }

  @Test
  void thatThereIsNoCustomerIsRememberedForAShortWhileOnly() {
    cache.put(absent("a", 0), Change.NONE, clock.read());
    assertThat(entry("a").fresh(clock.read())).isTrue();

    clock.pass(Duration.ofSeconds(6));

    assertThat(cache.get("a")).isNull();
    assertThat(cache.keepAsStale("a")).isNull();
  }

  @Test
  void aChangeDropsThatThereIsNoCustomer() {
    cache.put(absent("a", 0), Change.NONE, clock.read());

    cache.announce("a", new Change(1, false));

    assertThat(cache.get("a")).isNull();
    assertThat(cache.put(absent("a", 0), Change.NONE, clock.read())).isNull();
  }

  @Test
  void whatIsKeptAsStaleIsAnsweredUntilTheNextTry() {
    cache.put(view("a", 1), Change.NONE, clock.read());
    clock.pass(Duration.ofMinutes(10));

    assertThat(cache.keepAsStale("a").stale()).isTrue();
    assertThat(entry("a").fresh(clock.read())).isTrue();

    clock.pass(Duration.ofSeconds(2));
    assertThat(entry("a").answerable(clock.read())).isFalse();
  }

  @Test
  void beingKeptDoesNotLengthenALife() {
    cache.put(view("a", 1), Change.NONE, clock.read());
    for (int minutes = 0; minutes < 61; minutes++) {
      cache.keepAsStale("a");
      cache.announce("a", new Change(1, false));
      clock.pass(Duration.ofMinutes(1));
    }

    assertThat(cache.get("a")).isNull();
  }

  @Test
  void aFreshEntryIsNotMarkedStaleByAFailureThatIsOver() {
    cache.put(view("a", 1), Change.NONE, clock.read());

    assertThat(cache.keepAsStale("a").stale()).isFalse();
  }

  @Test
  void aStaleAnswerIsKeptUntilTheNextTry() {
    cache.put(view("a", 1).from(Layer.REDIS, true), Change.NONE, clock.read());

    assertThat(entry("a").view().stale()).isTrue();
    assertThat(entry("a").fresh(clock.read())).isTrue();
    clock.pass(Duration.ofSeconds(2));
    assertThat(entry("a").answerable(clock.read())).isFalse();
  }

  @Test
  void itIsBoundedByBytes() {
    ProcessCache small =
        new ProcessCache(config("process-bytes", "1048576"), clock, since -> doubt);
    for (int i = 0; i < 20_000; i++) {
      small.put(view("customer-" + i, 1), Change.NONE, clock.read());
    }

    assertThat(small.bytes()).isBetween(900_000L, 1_048_576L);
    assertThat(small.size()).isLessThan(2_700);
    assertThat(small.evictions()).isGreaterThan(17_000);
  }

  @Test
  void lifetimesAreSpread() {
    ProcessCache jittered = new ProcessCache(config("jitter", "0.2"), clock, since -> doubt);
    Set<Long> ends = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      jittered.put(view("c" + i, 1), Change.NONE, clock.read());
      long fresh = jittered.get("c" + i).freshUntil();
      assertThat(fresh)
          .isBetween(Duration.ofSeconds(24).toNanos(), Duration.ofSeconds(36).toNanos());
      ends.add(fresh);
    }

    assertThat(ends).hasSizeGreaterThan(190);
  }

  /**
   * Whatever the order of answers and news, what is answered as current is never older than the
   * newest news.
   */
  @Test
  void answersNeverGoBackWhateverTheOrder() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      ProcessCache any = new ProcessCache(config(), clock, since -> doubt);
      long newest = -1;
      long answered = -1;
      for (int step = 0; step < 200; step++) {
        if (random.nextBoolean()) {
          long version = random.nextInt(20);
          newest = Math.max(newest, version);
          any.announce("a", new Change(version, random.nextInt(10) == 0));
        } else {
          long version = random.nextInt(20);
          ProfileView out =
              any.put(
                  random.nextInt(5) == 0 ? absent("a", version) : view("a", version),
                  Change.NONE,
                  clock.read());
          if (out != null && !out.stale()) {
            assertThat(out.version()).as("seed %s", seed).isGreaterThanOrEqualTo(newest);
          }
        }
        ProcessCache.Entry entry = any.get("a");
        if (entry != null && entry.answerable(clock.read()) && !entry.view().stale()) {
          assertThat(entry.view().version())
              .as("seed %s", seed)
              .isGreaterThanOrEqualTo(Math.max(newest, answered));
          answered = entry.view().version();
        }
      }
    }
  }

  private ProcessCache.Entry entry(String id) {
    ProcessCache.Entry entry = cache.get(id);
    assertThat(entry).isNotNull();
    return entry;
  }
}
