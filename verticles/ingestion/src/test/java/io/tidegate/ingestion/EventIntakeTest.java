package io.tidegate.ingestion;

import static io.tidegate.bus.Failure.INVALID_EVENT;
import static io.tidegate.bus.Failure.LOG_UNAVAILABLE;
import static io.tidegate.bus.Failure.OVERLOADED;
import static io.tidegate.bus.Failure.PAYLOAD_TOO_LARGE;
import static io.tidegate.ingestion.EventKind.BATCH;
import static io.tidegate.ingestion.EventKind.IDENTIFY;
import static io.tidegate.ingestion.EventKind.TRACK;
import static io.tidegate.ingestion.IntakeOnLoop.LIMIT_S;
import static io.tidegate.ingestion.IntakeOnLoop.failure;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.proto.ingestion.AppendReply;
import io.tidegate.proto.ingestion.AppendRequest;
import io.tidegate.proto.ingestion.EventRecord;
import io.tidegate.proto.ingestion.PublishRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The near side over a real bus, with a far side that answers as the test wants. */
class EventIntakeTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.ofEpochMilli(Bodies.NOW_MS), ZoneOffset.UTC);
  private static final String GOOD = "{\"userId\":\"u\",\"event\":\"e\"}";

  private final List<AppendRequest> appended = Collections.synchronizedList(new ArrayList<>());
  private Vertx vertx;
  private Bus bus;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    bus = new Bus(vertx);
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(LIMIT_S, SECONDS);
  }

  private IntakeOnLoop intake(String... config) {
    return new IntakeOnLoop(vertx, bus, TestConfig.of(config), CLOCK);
  }

  private void farSide(Future<Void> outcome) throws Exception {
    CompletableFuture<Void> served = new CompletableFuture<>();
    vertx.runOnContext(
        turn ->
            bus.serve(
                    BusMap.INGESTION_APPEND,
                    (request, trace) -> {
                      appended.add(request);
                      return outcome.map(
                          done ->
                              AppendReply.newBuilder()
                                  .setAccepted(request.getEventsCount())
                                  .build());
                    })
                .onSuccess(registration -> served.complete(null)));
    served.get(LIMIT_S, SECONDS);
  }

  private static Function<EventIntake, Future<Integer>> track(String body) {
    return intake -> intake.accept(TRACK, Buffer.buffer(body), Bodies.ORIGIN);
  }

  @Test
  void gathersATicksEventsIntoOneCall() throws Exception {
    farSide(Future.succeededFuture());
    IntakeOnLoop intake = intake();
    String batch =
        "{\"batch\":[{\"type\":\"page\",\"userId\":\"b\"},{\"type\":\"page\",\"userId\":\"c\"}]}";

    List<CompletableFuture<Integer>> answers =
        intake.inOneTick(
            List.of(
                track("{\"userId\":\"a\",\"event\":\"e\"}"),
                it -> it.accept(BATCH, Buffer.buffer(batch), Bodies.ORIGIN),
                track("{\"userId\":\"bad\"}"),
                track("{\"userId\":\"d\",\"event\":\"e\"}")));

    assertThat(answers.get(0).get(LIMIT_S, SECONDS)).isEqualTo(1);
    assertThat(answers.get(1).get(LIMIT_S, SECONDS)).isEqualTo(2);
    assertThat(failure(answers.get(2)).failure()).isEqualTo(INVALID_EVENT);
    assertThat(answers.get(3).get(LIMIT_S, SECONDS)).isEqualTo(1);
    assertThat(appended).hasSize(1);
    assertThat(appended.getFirst().getEventsList())
        .extracting(EventRecord::getCustomer)
        .containsExactly("a", "b", "c", "d");
    assertThat(intake.events("accepted")).isEqualTo(4);
    assertThat(intake.events("invalid")).isEqualTo(1);

    assertThat(intake.accept(TRACK, GOOD).get(LIMIT_S, SECONDS)).isEqualTo(1);
    assertThat(appended).hasSize(2);
  }

  @Test
  void splitsATickThatIsTooLargeForOneCall() throws Exception {
    farSide(Future.succeededFuture());
    IntakeOnLoop intake = intake("max-append-bytes", "4096");
    String body = "{\"userId\":\"u\",\"event\":\"e\",\"x\":\"" + "y".repeat(1_500) + "\"}";

    for (CompletableFuture<Integer> answer :
        intake.inOneTick(Collections.nCopies(7, track(body)))) {
      assertThat(answer.get(LIMIT_S, SECONDS)).isEqualTo(1);
    }
    assertThat(appended).extracting(AppendRequest::getEventsCount).containsExactly(2, 2, 2, 1);
    assertThat(appended)
        .allSatisfy(request -> assertThat(request.getSerializedSize()).isLessThan(4_200));
  }

  @Test
  void acknowledgesOnlyAfterTheLogDid() throws Exception {
    Promise<Void> log = Promise.promise();
    farSide(log.future());
    CompletableFuture<Integer> answer = intake().accept(TRACK, GOOD);

    io.tidegate.devstack.Await.until(
        "the far side has it", Duration.ofSeconds(LIMIT_S), () -> appended.size() == 1);
    assertThat(answer).isNotDone();
    log.complete();
    assertThat(answer.get(LIMIT_S, SECONDS)).isEqualTo(1);
  }

  @Test
  void refusesAtOnceWhatIsTooMuchInFlightAndTakesAgainAfterwards() throws Exception {
    Promise<Void> log = Promise.promise();
    farSide(log.future());
    IntakeOnLoop intake = intake("max-intake-bytes", "1000");

    List<CompletableFuture<Integer>> answers =
        intake.inOneTick(Collections.nCopies(20, track(GOOD)));
    CompletableFuture<Integer> last = answers.getLast();
    FailureException refused = failure(last);
    assertThat(refused.failure()).isEqualTo(OVERLOADED);
    assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(2));
    assertThat(answers.getFirst()).isNotDone();

    log.complete();
    assertThat(answers.getFirst().get(LIMIT_S, SECONDS)).isEqualTo(1);
    assertThat(intake.accept(TRACK, GOOD).get(LIMIT_S, SECONDS)).isEqualTo(1);
    assertThat(intake.events("overloaded")).isBetween(1.0, 19.0);
    assertThat(intake.events("accepted") + intake.events("overloaded")).isEqualTo(21);
  }

  @Test
  void saysWhenToComeAgainWhenNobodyServesTheLog() throws Exception {
    IntakeOnLoop intake = intake();
    FailureException refused = failure(intake.accept(TRACK, GOOD));
    assertThat(refused.failure()).isEqualTo(LOG_UNAVAILABLE);
    assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(2));
    assertThat(intake.events("unavailable")).isEqualTo(1);
  }

  @Test
  void passesOnWhatTheFarSideSays() throws Exception {
    farSide(Future.failedFuture(Failure.DRAINING.because("stopping")));
    FailureException draining = failure(intake().accept(TRACK, GOOD));
    assertThat(draining.failure()).isEqualTo(Failure.DRAINING);
    assertThat(draining.retryAfter()).isNotNull();
  }

  @Test
  void anUnexpectedFailureStaysOne() throws Exception {
    farSide(Future.failedFuture(new IllegalStateException("oops")));
    assertThat(failure(intake().accept(TRACK, GOOD)).failure()).isEqualTo(Failure.INTERNAL);
  }

  @Test
  void takesGrpcEventsByTheSameRules() throws Exception {
    farSide(Future.succeededFuture());
    PublishRequest event =
        PublishRequest.newBuilder()
            .setType("track")
            .setMessageId("m")
            .setUserId("u")
            .setEvent("Order Completed")
            .setTimestamp(Timestamp.newBuilder().setSeconds(1_769_846_390).setNanos(5_000_000))
            .setSentAt(Timestamp.newBuilder().setSeconds(1_769_846_395))
            .setProperties(
                Struct.newBuilder()
                    .putFields("total", number(3))
                    .putFields("rate", number(0.25))
                    .putFields("on", Value.newBuilder().setBoolValue(true).build())
                    .putFields(
                        "none", Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build())
                    .putFields(
                        "list",
                        Value.newBuilder()
                            .setListValue(ListValue.newBuilder().addValues(text("茶\"")))
                            .build()))
            .setContext(Struct.newBuilder().putFields("ip", text("1.1.1.1")))
            .build();

    assertThat(publish(List.of(event)).get(LIMIT_S, SECONDS)).isEqualTo(1);

    EventRecord record = appended.getFirst().getEvents(0);
    assertThat(record.getTimeMs()).isEqualTo(Bodies.NOW_MS - 4_995);
    assertThat(Bodies.json(record))
        .isEqualTo(
            Bodies.tree(
                """
                {"type":"track","messageId":"m","timestamp":"2026-01-31T07:59:55.005Z","receivedAt":"%s",
                 "originalTimestamp":"2026-01-31T07:59:50.005Z","sentAt":"2026-01-31T07:59:55.000Z",
                 "userId":"u","event":"Order Completed",
                 "properties":{"total":3,"rate":0.25,"on":true,"none":null,"list":["茶\\""]},
                 "context":{"ip":"1.1.1.1"}}
                """
                    .formatted(Bodies.NOW)));
  }

  @Test
  void refusesBadGrpcEventsByPlace() throws Exception {
    PublishRequest good =
        PublishRequest.newBuilder().setType("identify").setAnonymousId("a").build();
    Struct endless = Struct.newBuilder().putFields("n", number(Double.NaN)).build();

    assertRefused(List.of(good, good.toBuilder().setType("buy").build()), 1, "type: \"buy\"");
    assertRefused(List.of(good.toBuilder().clearAnonymousId().build()), 0, "userId: missing");
    assertRefused(List.of(good, good.toBuilder().setTraits(endless).build()), 1, "number: NaN");
    Struct unkept = Struct.newBuilder().putFields("x", text("a\0")).build();
    assertRefused(
        List.of(good, good.toBuilder().setTraits(unkept).build()), 1, "traits.x: contains U+0000");
    assertRefused(
        List.of(good.toBuilder().setTimestamp(Timestamp.newBuilder().setNanos(-1)).build()),
        0,
        "timestamp: 0 s -1 ns");
    assertThat(failure(publish(List.of())).failure()).isEqualTo(INVALID_EVENT);
    assertThat(failure(publish(Collections.nCopies(2_501, good))).failure())
        .isEqualTo(PAYLOAD_TOO_LARGE);
    Struct large = Struct.newBuilder().putFields("x", text("y".repeat(33_000))).build();
    assertThat(failure(publish(List.of(good.toBuilder().setTraits(large).build()))).failure())
        .isEqualTo(PAYLOAD_TOO_LARGE);
    assertThat(appended).isEmpty();
  }

  private void assertRefused(List<PublishRequest> events, int index, String message)
      throws Exception {
    FailureException refused = failure(publish(events));
    assertThat(refused.failure()).isEqualTo(INVALID_EVENT);
    assertThat(refused).hasMessageContaining(message);
    assertThat(refused.members()).containsEntry("index", index).containsKey("errors");
  }

  private CompletableFuture<Integer> publish(List<PublishRequest> events) {
    return intake().inOneTick(List.of(it -> it.accept(events, Bodies.ORIGIN))).getFirst();
  }

  private static Value number(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  @Test
  void knowsItsKindsByWord() {
    for (EventKind kind : EventKind.values()) {
      assertThat(EventKind.ofWord(kind.word())).isEqualTo(kind);
    }
    assertThat(EventKind.ofWord("import")).isNull();
    assertThat(IDENTIFY.word()).isEqualTo("identify");
  }
}
