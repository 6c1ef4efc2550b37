package io.tidegate.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.bus.Trace;
import io.tidegate.proto.ratelimit.Lease;
import io.tidegate.proto.ratelimit.LeaseReply;
import io.tidegate.proto.ratelimit.LeaseRequest;
import io.tidegate.proto.ratelimit.Want;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GatheredLeasesTest {
  private final Vertx vertx = Vertx.vertx();
  private final List<LeaseRequest> calls = new ArrayList<>();

  @AfterEach
  void close() {
    vertx.close().await();
  }

  @Test
  void whatOneTurnWantsIsOneCallAndEverybodyGetsHisOwn() {
    List<Future<LeaseReply>> replies =
        inOneTurn(
            GatheredLeasesTest::granting, List.of(wants("a", 3), wants("b", 1), wants("c", 2)));
    assertThat(calls).hasSize(1);
    assertThat(calls.getFirst().getWantsList())
        .extracting(Want::getSubject)
        .containsExactly("a0", "a1", "a2", "b0", "c0", "c1");
    assertThat(replies.stream().map(reply -> granted(reply.result())).toList())
        .containsExactly(List.of(10L, 11L, 12L), List.of(10L), List.of(10L, 11L));
  }

  @Test
  void theNextTurnAsksAnew() {
    inOneTurn(GatheredLeasesTest::granting, List.of(wants("a", 1)));
    inOneTurn(GatheredLeasesTest::granting, List.of(wants("b", 1)));
    assertThat(calls).hasSize(2);
  }

  @Test
  void aCallHoldsNoMoreThanItMayAndNoRequestIsTornApart() {
    List<LeaseRequest> requests = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      requests.add(wants("s" + i + "-", 7));
    }
    List<Future<LeaseReply>> replies = inOneTurn(GatheredLeasesTest::granting, requests);
    assertThat(calls)
        .allSatisfy(
            call ->
                assertThat(call.getWantsCount())
                    .isLessThanOrEqualTo(GatheredLeases.MAX_WANTS)
                    .isPositive());
    assertThat(calls.stream().mapToInt(LeaseRequest::getWantsCount).sum()).isEqualTo(350);
    assertThat(replies)
        .allSatisfy(reply -> assertThat(reply.result().getLeasesCount()).isEqualTo(7));
  }

  @Test
  void aFailureIsEverybodys() {
    Function<LeaseRequest, Future<LeaseReply>> lost =
        request -> Future.failedFuture(Failure.STORE_UNAVAILABLE.because("no ledger"));
    assertThat(inOneTurn(lost, List.of(wants("a", 1), wants("b", 1))))
        .allSatisfy(reply -> assertThat(reply.cause()).hasMessageContaining("no ledger"));
  }

  @Test
  void aReplyThatDoesNotAnswerAllWantsIsNobodys() {
    Function<LeaseRequest, Future<LeaseReply>> shortOne =
        request ->
            Future.succeededFuture(
                LeaseReply.newBuilder().addLeases(Lease.getDefaultInstance()).build());
    assertThat(inOneTurn(shortOne, List.of(wants("a", 1), wants("b", 1))))
        .allSatisfy(
            reply ->
                assertThat(reply.cause())
                    .isInstanceOf(FailureException.class)
                    .hasMessageContaining("leases: 1 (expected: 2)"));
  }

  @Test
  void nobodyWaitsForEverWhenAskingThrows() {
    Function<LeaseRequest, Future<LeaseReply>> broken =
        request -> {
          throw new IllegalStateException("closed");
        };
    assertThat(inOneTurn(broken, List.of(wants("a", 1)))).allSatisfy(GatheredLeasesTest::closed);
    assertThat(inOneTurn(broken, List.of(wants("a", 1), wants("b", 1))))
        .allSatisfy(GatheredLeasesTest::closed);
  }

  private static void closed(Future<LeaseReply> reply) {
    assertThat(reply.cause()).hasMessage("closed");
  }

  /** All are done when this returns. */
  private List<Future<LeaseReply>> inOneTurn(
      Function<LeaseRequest, Future<LeaseReply>> farSide, List<LeaseRequest> requests) {
    Promise<List<Future<LeaseReply>>> asked = Promise.promise();
    GatheredLeases leases =
        new GatheredLeases(
            (request, trace) -> {
              calls.add(request);
              return farSide.apply(request);
            },
            vertx);
    vertx.runOnContext(
        turn ->
            asked.complete(
                requests.stream().map(request -> leases.ask(request, Trace.NONE)).toList()));
    List<Future<LeaseReply>> replies = asked.future().await();
    Future.join(replies).otherwiseEmpty().await();
    return replies;
  }

  /** Grants 10 to a subject's first want, 11 to its second and so on. */
  private static Future<LeaseReply> granting(LeaseRequest request) {
    LeaseReply.Builder reply = LeaseReply.newBuilder();
    for (Want want : request.getWantsList()) {
      String subject = want.getSubject();
      reply.addLeases(
          Lease.newBuilder().setGranted(10 + subject.charAt(subject.length() - 1) - '0'));
    }
    return Future.succeededFuture(reply.build());
  }

  private static LeaseRequest wants(String subject, int count) {
    LeaseRequest.Builder request = LeaseRequest.newBuilder();
    for (int i = 0; i < count; i++) {
      request.addWants(Want.newBuilder().setPolicy("p").setSubject(subject + i).setUnits(1));
    }
    return request.build();
  }

  private static List<Long> granted(LeaseReply reply) {
    return reply.getLeasesList().stream().map(Lease::getGranted).toList();
  }
}
