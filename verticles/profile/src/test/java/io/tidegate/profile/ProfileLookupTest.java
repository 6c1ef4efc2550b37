package io.tidegate.profile;

import static io.tidegate.profile.Profiles.config;
import static io.tidegate.profile.Profiles.found;
import static io.tidegate.profile.Profiles.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.bus.Trace;
import io.tidegate.devstack.Await;
import io.tidegate.proto.profile.EraseReply;
import io.tidegate.proto.profile.FindReply;
import io.tidegate.proto.profile.FindRequest;
import io.tidegate.proto.profile.FoundProfile;
import io.tidegate.proto.profile.ProfileChange;
import io.tidegate.proto.profile.ProfilesChanged;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The near side on a real bus, with a far side that answers as each test says. */
class ProfileLookupTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private final Vertx vertx = Vertx.vertx();
  private final Bus bus = new Bus(vertx);
  private final Profiles.Clock clock = new Profiles.Clock();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final ProfileLookup lookup = new ProfileLookup(bus, vertx, config(), meters, clock);
  private final Queue<FindRequest> asked = new ConcurrentLinkedQueue<>();
  private volatile Function<FindRequest, Future<FindReply>> farSide =
      request -> Future.succeededFuture(versions(request, 1));

  @BeforeEach
  void start() throws Exception {
    await(
        bus.serve(
            BusMap.PROFILE_FIND,
            (request, trace) -> {
              asked.add(request);
              return farSide.apply(request);
            }));
    await(lookup.start());
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  @Test
  void aMissIsAskedForAndThenHeld() throws Exception {
    ProfileView first = await(lookup.find("a", Trace.NONE));
    ProfileView second = await(lookup.find("a", Trace.NONE));

    assertThat(first.layer()).isEqualTo(Layer.POSTGRES);
    assertThat(second.layer()).isEqualTo(Layer.PROCESS);
    assertThat(second.json().toString()).isEqualTo(json("a", 1));
    assertThat(lookup.cached("a")).isSameAs(second);
    assertThat(asked).hasSize(1);
    assertThat(lookups("process", "found")).isEqualTo(2);
    assertThat(lookups("postgres", "found")).isEqualTo(1);
  }

  @Test
  void everyoneOnEveryLoopSharesOneQuestionAndIsAnsweredOnItsOwnContext() throws Exception {
    Promise<FindReply> answer = Promise.promise();
    farSide = request -> answer.future();
    List<Future<Boolean>> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Promise<Boolean> onOwnContext = Promise.promise();
      answers.add(onOwnContext.future());
      Context context = vertx.getOrCreateContext();
      context.runOnContext(
          go ->
              lookup
                  .find("a", Trace.NONE)
                  .onSuccess(view -> onOwnContext.complete(Vertx.currentContext() == context))
                  .onFailure(onOwnContext::fail));
    }
    Await.until("all wait", SOON, () -> meters.counter("tidegate.profile.joins").count() == 199);
    answer.complete(versions(asked.element(), 1));

    assertThat(await(Future.all(answers)).<Boolean>list()).containsOnly(true);
    assertThat(asked).hasSize(1);
  }

  @Test
  void whatHasAgedIsAnsweredAtOnceAndAskedForBehindOnce() throws Exception {
    await(lookup.find("a", Trace.NONE));
    clock.pass(Duration.ofSeconds(31));
    Promise<FindReply> answer = Promise.promise();
    farSide = request -> answer.future();

    for (int i = 0; i < 10; i++) {
      assertThat(lookup.cached("a").version()).isEqualTo(1);
    }
    Await.until("asked behind", SOON, () -> asked.size() == 2);
    answer.complete(versions(asked.peek(), 2));
    Await.until("the new one is held", SOON, () -> lookup.cached("a").version() == 2);

    assertThat(asked).hasSize(2);
    assertThat(meters.counter("tidegate.profile.refreshes").count()).isEqualTo(1);
  }

  @Test
  void whatIsTooOldIsWaitedForAndOnlyAnsweredWhenNobodyCanBeReached() throws Exception {
    await(lookup.find("a", Trace.NONE));
    clock.pass(Duration.ofMinutes(10));
    assertThat(lookup.cached("a")).isNull();
    farSide = request -> Future.failedFuture(Failure.STORE_UNAVAILABLE.because("down"));

    ProfileView stale = await(lookup.find("a", Trace.NONE));

    assertThat(stale.stale()).isTrue();
    assertThat(stale.version()).isEqualTo(1);
    assertThat(lookup.cached("a").stale()).isTrue();
    assertThat(asked).hasSize(2);
    assertThat(meters.counter("tidegate.profile.stale", "layer", "process").count()).isEqualTo(2);
  }

  @Test
  void itIsCurrentAgainOnceSomeoneCanBeReached() throws Exception {
    await(lookup.find("a", Trace.NONE));
    clock.pass(Duration.ofMinutes(10));
    farSide = request -> Future.failedFuture(Failure.STORE_UNAVAILABLE.because("down"));
    await(lookup.find("a", Trace.NONE));
    farSide = request -> Future.succeededFuture(versions(request, 2));
    clock.pass(Duration.ofSeconds(2));

    ProfileView again = await(lookup.find("a", Trace.NONE));

    assertThat(again.stale()).isFalse();
    assertThat(again.version()).isEqualTo(2);
  }

  @Test
  void whatIsNotHeldFailsAsTheFarSideSays() {
    farSide = request -> Future.failedFuture(Failure.OVERLOADED.because("too many"));

    assertThat(failure(lookup.find("a", Trace.NONE))).isEqualTo(Failure.OVERLOADED);
    assertThat(lookups("none", "failed")).isEqualTo(1);
  }

  @Test
  void aFailureIsNotRemembered() throws Exception {
    farSide = request -> Future.failedFuture(Failure.STORE_UNAVAILABLE.because("down"));
    assertThat(failure(lookup.find("a", Trace.NONE))).isEqualTo(Failure.STORE_UNAVAILABLE);
    farSide = request -> Future.succeededFuture(versions(request, 1));

    assertThat(await(lookup.find("a", Trace.NONE)).version()).isEqualTo(1);
  }

  @Test
  void whatIsWantedInOneTurnGoesInOneCallAndWhatRedisHoldsDoesNotWaitForPostgres()
      throws Exception {
    Promise<FindReply> postgres = Promise.promise();
    farSide =
        request ->
            request.getRevalidate()
                ? postgres.future()
                : Future.succeededFuture(
                    FindReply.newBuilder()
                        .addProfiles(FoundProfile.newBuilder().setId("a").setNotHeld(true))
                        .addProfiles(found("b", 1))
                        .build());
    Promise<Future<ProfileView>> a = Promise.promise();
    Promise<Future<ProfileView>> b = Promise.promise();
    vertx
        .getOrCreateContext()
        .runOnContext(
            turn -> {
              a.complete(lookup.find("a", Trace.NONE));
              b.complete(lookup.find("b", Trace.NONE));
            });

    assertThat(await(await(b.future())).version()).isEqualTo(1);
    FindRequest first = asked.remove();
    assertThat(first.getIdsList()).containsExactly("a", "b");
    assertThat(first.getRedisOnly()).isTrue();
    Await.until("the rest is asked for", SOON, () -> asked.size() == 1);
    assertThat(asked.element().getIdsList()).containsExactly("a");
    assertThat(asked.element().getRedisOnly()).isFalse();
    assertThat(await(a.future()).isComplete()).isFalse();
    postgres.complete(versions(asked.element(), 7));
    assertThat(await(await(a.future())).version()).isEqualTo(7);
  }

  @Test
  void notHeldIsNoAnswerOfPostgres() throws Exception {
    farSide =
        request ->
            Future.succeededFuture(
                FindReply.newBuilder()
                    .addProfiles(FoundProfile.newBuilder().setId("a").setNotHeld(true))
                    .build());
    assertThat(failure(lookup.find("a", Trace.NONE))).isEqualTo(Failure.INTERNAL);
  }

  @Test
  void anAnswerThatAChangeOvertookIsAskedForAgainFromTheTruth() throws Exception {
    farSide =
        request -> {
          if (request.getRevalidate()) {
            return Future.succeededFuture(versions(request, 2));
          }
          changed("a", 2, false);
          return heard(1).map(done -> versions(request, 1));
        };

    ProfileView view = await(lookup.find("a", Trace.NONE));

    assertThat(view.version()).isEqualTo(2);
    assertThat(lookup.cached("a").version()).isEqualTo(2);
    assertThat(meters.counter("tidegate.profile.overtaken").count()).isEqualTo(1);
  }

  @Test
  void askingAgainIsBounded() throws Exception {
    changed("a", 9, false);
    Await.until("heard", SOON, () -> changes() == 1);

    ProfileView view = await(lookup.find("a", Trace.NONE));

    assertThat(view.stale()).isTrue();
    assertThat(view.version()).isEqualTo(1);
    assertThat(asked).hasSize(3);
  }

  @Test
  void aChangeEndsWhatIsHeld() throws Exception {
    await(lookup.find("a", Trace.NONE));
    farSide = request -> Future.succeededFuture(versions(request, 2));

    changed("a", 2, false);
    Await.until("heard", SOON, () -> changes() == 1);

    assertThat(lookup.cached("a")).isNull();
    assertThat(await(lookup.find("a", Trace.NONE)).version()).isEqualTo(2);
  }

  @Test
  void anErasedCustomerIsNotAnsweredEvenWhenNobodyCanBeReached() throws Exception {
    await(lookup.find("a", Trace.NONE));
    await(
        bus.serve(
            BusMap.PROFILE_ERASE,
            (request, trace) ->
                Future.succeededFuture(
                    EraseReply.newBuilder()
                        .setExisted(true)
                        .addChanges(
                            ProfileChange.newBuilder().setId("a").setVersion(2).setErased(true))
                        .build())));

    assertThat(await(lookup.erase("a", "admin", Trace.NONE)).getExisted()).isTrue();
    farSide = request -> Future.failedFuture(Failure.STORE_UNAVAILABLE.because("down"));

    assertThat(lookup.cached("a")).isNull();
    assertThat(failure(lookup.find("a", Trace.NONE))).isEqualTo(Failure.STORE_UNAVAILABLE);
  }

  @Test
  void anErasureOvertakingAnAnswerWins() {
    farSide =
        request -> {
          changed("a", 2, true);
          return heard(1).map(done -> versions(request, 1));
        };

    assertThat(failure(lookup.find("a", Trace.NONE))).isEqualTo(Failure.STORE_UNAVAILABLE);
    assertThat(lookup.cached("a")).isNull();
  }

  @Test
  void thatThereIsNoCustomerIsHeldForAWhile() throws Exception {
    farSide = request -> Future.succeededFuture(absent(request));

    assertThat(await(lookup.find("a", Trace.NONE)).exists()).isFalse();
    assertThat(lookup.cached("a").etag()).isEmpty();
    assertThat(lookups("postgres", "absent")).isEqualTo(1);
    clock.pass(Duration.ofSeconds(6));
    assertThat(lookup.cached("a")).isNull();
  }

  @Test
  void manyAreAskedForTogetherAndAnsweredInOrder() throws Exception {
    await(lookup.find("b", Trace.NONE));
    asked.clear();

    List<ProfileView> views = await(lookup.findAll(List.of("c", "b", "a", "c"), Trace.NONE));

    assertThat(views).extracting(ProfileView::id).containsExactly("c", "b", "a", "c");
    assertThat(views.get(1).layer()).isEqualTo(Layer.PROCESS);
    assertThat(asked).hasSize(1);
    assertThat(asked.element().getIdsList()).containsExactly("c", "a");
    assertThat(await(lookup.findAll(List.of(), Trace.NONE))).isEmpty();
  }

  @Test
  void oneIdThatCantBeAnsweredDoesNotTakeOthersWithIt() throws Exception {
    farSide =
        request ->
            Future.succeededFuture(
                FindReply.newBuilder()
                    .addProfiles(found("a", 1))
                    .addProfiles(
                        FoundProfile.newBuilder()
                            .setId("b")
                            .setFailure(Failure.OVERLOADED.code())
                            .setFailureMessage("too many"))
                    .build());

    assertThat(failure(lookup.findAll(List.of("a", "b"), Trace.NONE)))
        .isEqualTo(Failure.OVERLOADED);
    assertThat(lookup.cached("a").version()).isEqualTo(1);
  }

  @Test
  void aReplyOfTheWrongSizeIsOurFault() {
    farSide = request -> Future.succeededFuture(FindReply.getDefaultInstance());

    assertThat(failure(lookup.find("a", Trace.NONE))).isEqualTo(Failure.INTERNAL);
  }

  @Test
  void tooManyIdsAndImpossibleOnesAreRefusedUnasked() {
    List<String> many = new ArrayList<>();
    for (int i = 0; i < 101; i++) {
      many.add("c" + i);
    }
    assertThat(failure(lookup.findAll(many, Trace.NONE))).isEqualTo(Failure.BAD_REQUEST);
    for (String bad : List.of("", "a\0b", "x".repeat(513), "\ud800", "a\udc00")) {
      assertThat(failure(lookup.find(bad, Trace.NONE))).isEqualTo(Failure.BAD_REQUEST);
      assertThat(failure(lookup.findAll(List.of(bad), Trace.NONE))).isEqualTo(Failure.BAD_REQUEST);
      assertThat(failure(lookup.erase(bad, "x", Trace.NONE))).isEqualTo(Failure.BAD_REQUEST);
    }
    assertThat(asked).isEmpty();
    assertThatThrownBy(() -> ProfileIds.checked("a\0b")).hasMessageContaining("character 0 at 1");
  }

  @Test
  void idsMayBeAnyText() throws Exception {
    assertThat(await(lookup.find("客户 😀", Trace.NONE)).version()).isEqualTo(1);
  }

  @Test
  void tagsChangeWithTheVersionAndWithTheBytes() throws Exception {
    String one = await(lookup.find("a", Trace.NONE)).etag();
    String other = await(lookup.find("b", Trace.NONE)).etag();
    changed("a", 2, false);
    farSide = request -> Future.succeededFuture(versions(request, 2));
    Await.until("heard", SOON, () -> changes() == 1);
    String two = await(lookup.find("a", Trace.NONE)).etag();

    assertThat(List.of(one, other, two))
        .doesNotHaveDuplicates()
        .allMatch(tag -> tag.matches("\"v[12]-[0-9a-f]+\""));
  }

  @Test
  void agesAreTold() {
    ProfileView view =
        new ProfileView(
            "a",
            true,
            1,
            Buffer.buffer(),
            "",
            Layer.REDIS,
            false,
            System.nanoTime() - 5_000_000_000L);

    assertThat(view.ageMs()).isBetween(5_000L, 60_000L);
  }

  private void changed(String id, long version, boolean erased) {
    bus.publish(
        BusMap.PROFILE_CHANGED,
        ProfilesChanged.newBuilder()
            .addChanges(ProfileChange.newBuilder().setId(id).setVersion(version).setErased(erased))
            .build());
  }

  private double changes() {
    return meters.counter("tidegate.profile.changes").count();
  }

  /** Completes once so many changes were heard. */
  private Future<Void> heard(int count) {
    return changes() >= count
        ? Future.succeededFuture()
        : vertx.timer(5, TimeUnit.MILLISECONDS).compose(later -> heard(count));
  }

  private double lookups(String layer, String outcome) {
    return meters.counter("tidegate.profile.lookups", "layer", layer, "outcome", outcome).count();
  }

  private static FindReply versions(FindRequest request, long version) {
    FindReply.Builder reply = FindReply.newBuilder();
    request.getIdsList().forEach(id -> reply.addProfiles(found(id, version)));
    return reply.build();
  }

  private static FindReply absent(FindRequest request) {
    FindReply.Builder reply = FindReply.newBuilder();
    request.getIdsList().forEach(id -> reply.addProfiles(FoundProfile.newBuilder().setId(id)));
    return reply.build();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private static Failure failure(Future<?> future) {
    try {
      await(future);
    } catch (Exception e) {
      if (e.getCause() instanceof FailureException expected) {
        return expected.failure();
      }
      throw new AssertionError(e);
    }
    throw new AssertionError("it succeeded");
  }
}
