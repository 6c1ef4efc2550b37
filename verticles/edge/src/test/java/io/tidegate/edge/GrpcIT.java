package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.micrometer.core.instrument.Timer;
import io.tidegate.proto.customer.Customer;
import io.tidegate.proto.customer.GetCustomerRequest;
import io.tidegate.proto.ingestion.PublishReply;
import io.tidegate.proto.ingestion.PublishRequest;
import io.tidegate.proto.profile.GetProfileRequest;
import io.tidegate.proto.profile.Profile;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GrpcIT {
  private static final ServiceMethod<PublishReply, PublishRequest> PUBLISH =
      method("tidegate.ingestion.v1.EventService", "Publish", PublishReply.getDefaultInstance());
  private static final ServiceMethod<Profile, GetProfileRequest> GET_PROFILE =
      method("tidegate.profile.v1.ProfileService", "GetProfile", Profile.getDefaultInstance());
  private static final ServiceMethod<Customer, GetCustomerRequest> GET_CUSTOMER =
      method("tidegate.customer.v1.CustomerService", "GetCustomer", Customer.getDefaultInstance());

  private static final String PUBLISHING = "/tidegate.ingestion.v1.EventService/Publish";

  private static TestEdge edge;
  private static GrpcClient client;
  private static HttpClient http2;

  private record Reply<T>(
      GrpcStatus status,
      @Nullable String message,
      @Nullable T answer,
      @Nullable String requestId) {}

  @BeforeAll
  static void start() {
    edge = new TestEdge(Map.of("edge.body-timeout", "1s"));
    client = GrpcClient.client(edge.vertx);
    http2 =
        edge.vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setDefaultHost("127.0.0.1")
                .setDefaultPort(edge.port));
  }

  @AfterAll
  static void stop() {
    edge.close();
  }

  @Test
  void getsAProfile() {
    Reply<Profile> reply = profile("42", TestEdge.bearer("42", "customer"));
    assertThat(reply.status()).isEqualTo(GrpcStatus.OK);
    assertThat(reply.answer().getId()).isEqualTo("42");
    assertThat(reply.answer().getTraits().getFieldsOrThrow("name").getStringValue())
        .isEqualTo("Li");
    assertThat(reply.requestId()).isNotNull();
  }

  @Test
  void getsACustomer() {
    Reply<Customer> reply =
        call(
            GET_CUSTOMER,
            TestEdge.bearer("7", "agent"),
            0,
            GetCustomerRequest.newBuilder().setCustomerId(42).build());
    assertThat(reply.answer())
        .isEqualTo(
            Customer.newBuilder().setId(42).setName("Li").setEmail("li@example.com").build());
  }

  @Test
  void saysWhoMayNot() {
    assertThat(profile("42", null).status()).isEqualTo(GrpcStatus.UNAUTHENTICATED);
    assertThat(profile("42", "Bearer a.b.c").status()).isEqualTo(GrpcStatus.UNAUTHENTICATED);
    Reply<Profile> other = profile("42", TestEdge.bearer("43", "customer"));
    assertThat(other.status()).isEqualTo(GrpcStatus.PERMISSION_DENIED);
    assertThat(other.message()).contains("43, the token's own");
    assertThat(profile("nobody", TestEdge.bearer("a", "admin")).status())
        .isEqualTo(GrpcStatus.NOT_FOUND);
    assertThat(publish(TestEdge.bearer("a", "admin"), 1).status())
        .isEqualTo(GrpcStatus.UNAUTHENTICATED);
    assertCounted("grpc-profile", 401);
    assertCounted("grpc-profile", 403);
    assertCounted("grpc-profile", 404);
    assertCounted("grpc-publish", 401);
  }

  @Test
  void publishesAStream() {
    int before = edge.log.size();
    Reply<PublishReply> reply = publish(TestEdge.basic(), 3_000);
    assertThat(reply.status()).as(reply.message()).isEqualTo(GrpcStatus.OK);
    assertThat(reply.answer().getAccepted()).isEqualTo(3_000);
    assertThat(edge.log.size()).isEqualTo(before + 3_000);
    assertThat(publish(TestEdge.basic(), 0).answer().getAccepted()).isZero();
    assertCounted("grpc-publish", 200);
  }

  @Test
  void namesTheEventThatIsNotValid() {
    Reply<PublishReply> reply =
        stream(
            TestEdge.basic(),
            request -> {
              for (int i = 0; i < 1_200; i++) {
                request.accept(i == 1_100 ? PublishRequest.getDefaultInstance() : event(i));
              }
            });
    assertThat(reply.status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(reply.message()).contains("1100");
    assertCounted("grpc-publish", 400);
  }

  @Test
  void publishingWaitsForTheLog() {
    edge.logGate = Promise.promise();
    Future<Reply<PublishReply>> reply =
        open(PUBLISH, TestEdge.basic(), 0, request -> request.accept(event(1)));
    EdgeIT.eventually(() -> edge.load.inFlight() > 0);
    assertThat(reply.isComplete()).isFalse();
    edge.logGate.complete();
    edge.logGate = null;
    assertThat(TestEdge.await(reply).answer().getAccepted()).isEqualTo(1);
  }

  @Test
  void aDeadlineHolds() {
    edge.logGate = Promise.promise();
    Promise<Void> gate = edge.logGate;
    try {
      Reply<PublishReply> reply =
          TestEdge.await(open(PUBLISH, TestEdge.basic(), 300, request -> request.accept(event(1))));
      assertThat(reply.status()).isIn(GrpcStatus.DEADLINE_EXCEEDED, GrpcStatus.CANCELLED);
      EdgeIT.eventually(() -> count("grpc-publish", 504) + count("grpc-publish", 499) > 0);
    } finally {
      edge.logGate = null;
      gate.complete();
    }
    EdgeIT.eventually(() -> edge.load.inFlight() == 0);
  }

  @Test
  void aStreamThatBringsNothingEnds() {
    int before = edge.log.size();
    Future<GrpcStatus> status =
        client
            .request(SocketAddress.inetSocketAddress(edge.port, "127.0.0.1"), PUBLISH)
            .compose(
                request -> {
                  request.headers().set("authorization", TestEdge.basic());
                  var unused = request.write(event(1));
                  return request.response();
                })
            .compose(
                response -> {
                  Promise<GrpcStatus> ended = Promise.promise();
                  response.endHandler(
                      end -> ended.tryComplete(Objects.requireNonNull(response.status())));
                  response.exceptionHandler(ended::tryFail);
                  return ended.future();
                });
    assertThat(TestEdge.await(status)).isEqualTo(GrpcStatus.DEADLINE_EXCEEDED);
    assertThat(edge.log.size()).isEqualTo(before + 1);
    assertCounted("grpc-publish", 408);
    EdgeIT.eventually(() -> edge.load.inFlight() == 0);
  }

  @Test
  void aWaitForTheLogIsNotThePublishersSilence() {
    edge.logGate = Promise.promise();
    Promise<Void> gate = edge.logGate;
    Future<Reply<PublishReply>> reply =
        open(PUBLISH, TestEdge.basic(), 0, request -> request.accept(event(1)));
    Promise<Void> later = Promise.promise();
    edge.vertx.setTimer(2_500, passed -> later.complete());
    TestEdge.await(later.future());
    assertThat(reply.isComplete()).isFalse();
    edge.logGate = null;
    gate.complete();
    assertThat(TestEdge.await(reply).answer().getAccepted()).isEqualTo(1);
  }

  @Test
  void aStreamPaysForItsEvents() {
    Map<String, String> limits =
        Map.of(
            "limits.policies.keys.by", "write-key",
            "limits.policies.keys.limit", "3",
            "limits.policies.keys.period", "60s",
            "limits.policies.keys.burst", "3");
    try (TestEdge own = new TestEdge(limits)) {
      own.quota.set(3);
      Reply<PublishReply> reply =
          TestEdge.await(
              open(
                  own,
                  PUBLISH,
                  TestEdge.basic(),
                  0,
                  request -> {
                    for (int i = 0; i < 3_000; i++) {
                      request.accept(event(i));
                    }
                  }));
      assertThat(reply.status()).isEqualTo(GrpcStatus.RESOURCE_EXHAUSTED);
      assertThat(own.log).hasSizeBetween(500, 1_500);
    }
  }

  @Test
  void messagesAreBounded() {
    Reply<Profile> reply = profile("x".repeat(600_000), TestEdge.bearer("a", "admin"));
    assertThat(reply.status()).isEqualTo(GrpcStatus.RESOURCE_EXHAUSTED);
  }

  @Test
  void aZippedBombIsRefused() throws Exception {
    byte[] bomb = GunzipTest.zip(new byte[50 << 20]);
    Buffer framed = Buffer.buffer().appendByte((byte) 1).appendInt(bomb.length).appendBytes(bomb);
    assertThat(raw("/tidegate.profile.v1.ProfileService/GetProfile", framed, "gzip"))
        .isEqualTo("8");
    byte[] good = GunzipTest.zip(GetProfileRequest.newBuilder().setId("42").build().toByteArray());
    Buffer fine = Buffer.buffer().appendByte((byte) 1).appendInt(good.length).appendBytes(good);
    assertThat(raw("/tidegate.profile.v1.ProfileService/GetProfile", fine, "gzip")).isEqualTo("0");
  }

  @Test
  void manyEmptyZippedMembersAreRefused() throws Exception {
    byte[] empty = GunzipTest.zip(new byte[0]);
    Buffer members = Buffer.buffer();
    for (int i = 0; i < 20_000; i++) {
      members.appendBytes(empty);
    }
    Buffer framed =
        Buffer.buffer().appendByte((byte) 1).appendInt(members.length()).appendBuffer(members);
    assertThat(raw("/tidegate.profile.v1.ProfileService/GetProfile", framed, "gzip"))
        .isEqualTo("3");
    assertThat(raw(PUBLISHING, framed, "gzip")).isEqualTo("3");
  }

  @Test
  void aMessageThatIsCutOffIsNotAcknowledged() {
    Buffer whole = framed(event(1));
    Buffer cut = whole.slice(0, whole.length() - 3);
    int before = edge.log.size();
    assertThat(raw(PUBLISHING, cut, null)).isEqualTo("3");
    assertThat(raw(PUBLISHING, Buffer.buffer(new byte[2]), null)).isEqualTo("3");
    assertThat(raw(PUBLISHING, whole.copy().appendBuffer(cut), null)).isEqualTo("3");
    assertThat(edge.log.size()).isBetween(before, before + 1);
    assertThat(raw(PUBLISHING, whole.copy().appendBuffer(whole), null)).isEqualTo("0");
    Buffer asked = framed(GetProfileRequest.newBuilder().setId("42").build());
    assertThat(
            raw(
                "/tidegate.profile.v1.ProfileService/GetProfile",
                asked.slice(0, asked.length() - 1),
                null))
        .isEqualTo("3");
  }

  @Test
  void connectIsRefused() throws Exception {
    Integer status =
        TestEdge.await(
            http2
                .request(HttpMethod.CONNECT, "/")
                .compose(request -> request.connect())
                .map(response -> response.statusCode()));
    assertThat(status).isIn(400, 405);
    assertThat(edge.registry.get("tidegate.edge.unexpected").counter().count()).isZero();
  }

  private static Buffer framed(Message message) {
    byte[] bytes = message.toByteArray();
    return Buffer.buffer().appendByte((byte) 0).appendInt(bytes.length).appendBytes(bytes);
  }

  @Test
  void unknownMethodsAreUnimplemented() throws Exception {
    assertThat(raw("/tidegate.profile.v1.ProfileService/DropAll", Buffer.buffer(), null))
        .isEqualTo("12");
  }

  @Test
  void garbageIsAnswered() throws Exception {
    Random random = new Random(618);
    for (int round = 0; round < 150; round++) {
      byte[] junk = new byte[random.nextInt(200)];
      random.nextBytes(junk);
      Buffer framed =
          random.nextBoolean()
              ? Buffer.buffer(junk)
              : Buffer.buffer()
                  .appendByte((byte) random.nextInt(2))
                  .appendInt(junk.length)
                  .appendBytes(junk);
      String encoding =
          switch (random.nextInt(3)) {
            case 0 -> "gzip";
            case 1 -> "snappy";
            default -> null;
          };
      raw("/tidegate.profile.v1.ProfileService/GetProfile", framed, encoding);
    }
    assertThat(profile("42", TestEdge.bearer("42", "customer")).status()).isEqualTo(GrpcStatus.OK);
    EdgeIT.eventually(() -> edge.load.inFlight() == 0);
  }

  /** The grpc-status of a call with this body; null when the stream was reset. */
  private static @Nullable String raw(String path, Buffer body, @Nullable String encoding) {
    return TestEdge.await(
        http2
            .request(HttpMethod.POST, path)
            .compose(
                request -> {
                  request.putHeader("content-type", "application/grpc").putHeader("te", "trailers");
                  request.putHeader(
                      "authorization",
                      path.equals(PUBLISHING) ? TestEdge.basic() : TestEdge.bearer("a", "admin"));
                  if (encoding != null) {
                    request.putHeader("grpc-encoding", encoding);
                  }
                  return request.send(body);
                })
            .compose(
                response -> {
                  // With the head at once: a reset without an error may follow before its end.
                  String status = response.getHeader("grpc-status");
                  return status != null
                      ? Future.succeededFuture(status)
                      : response.end().map(end -> response.trailers().get("grpc-status"));
                })
            .timeout(10, TimeUnit.SECONDS)
            .recover(
                gone ->
                    gone instanceof java.util.concurrent.TimeoutException
                        ? Future.failedFuture(gone)
                        : Future.succeededFuture(null)));
  }

  private static Reply<Profile> profile(String id, @Nullable String authorization) {
    return call(GET_PROFILE, authorization, 0, GetProfileRequest.newBuilder().setId(id).build());
  }

  private static Reply<PublishReply> publish(String authorization, int events) {
    return stream(
        authorization,
        request -> {
          for (int i = 0; i < events; i++) {
            request.accept(event(i));
          }
        });
  }

  private static PublishRequest event(int i) {
    return PublishRequest.newBuilder()
        .setType("track")
        .setUserId("u" + i)
        .setEvent("Product Viewed")
        .build();
  }

  private static Reply<PublishReply> stream(
      String authorization, Consumer<Consumer<PublishRequest>> sender) {
    return TestEdge.await(open(PUBLISH, authorization, 0, sender));
  }

  private static <Q, R> Reply<R> call(
      ServiceMethod<R, Q> method, @Nullable String authorization, long timeoutMs, Q message) {
    return TestEdge.await(
        open(method, authorization, timeoutMs, request -> request.accept(message)));
  }

  private static <Q, R> Future<Reply<R>> open(
      ServiceMethod<R, Q> method,
      @Nullable String authorization,
      long timeoutMs,
      Consumer<Consumer<Q>> sender) {
    return open(edge, method, authorization, timeoutMs, sender);
  }

  private static <Q, R> Future<Reply<R>> open(
      TestEdge to,
      ServiceMethod<R, Q> method,
      @Nullable String authorization,
      long timeoutMs,
      Consumer<Consumer<Q>> sender) {
    return client
        .request(SocketAddress.inetSocketAddress(to.port, "127.0.0.1"), method)
        .compose(
            request -> {
              if (authorization != null) {
                request.headers().set("authorization", authorization);
              }
              if (timeoutMs > 0) {
                request.timeout(timeoutMs, TimeUnit.MILLISECONDS);
              }
              sender.accept(
                  message -> {
                    var unused = request.write(message);
                  });
              var unused = request.end();
              return request.response();
            })
        .compose(
            response -> {
              Promise<Reply<R>> reply = Promise.promise();
              java.util.concurrent.atomic.AtomicReference<R> answer =
                  new java.util.concurrent.atomic.AtomicReference<>();
              response.handler(answer::set);
              response.exceptionHandler(reply::tryFail);
              response.endHandler(
                  end ->
                      reply.tryComplete(
                          new Reply<>(
                              response.status(),
                              response.statusMessage(),
                              answer.get(),
                              response.headers().get("x-request-id"))));
              return reply.future();
            });
  }

  /** The request is counted when its stream has ended, which its client may see before. */
  private static void assertCounted(String operation, int status) {
    EdgeIT.eventually(() -> count(operation, status) > 0);
  }

  private static long count(String operation, int status) {
    Timer timer =
        edge.registry
            .find("tidegate.edge.requests")
            .tags("operation", operation, "status", Integer.toString(status))
            .timer();
    return timer == null ? 0 : timer.count();
  }

  private static <Q extends Message, R extends Message> ServiceMethod<R, Q> method(
      String service, String name, R reply) {
    GrpcMessageDecoder<R> decoder = GrpcMessageDecoder.decoder(reply);
    return ServiceMethod.client(
        ServiceName.create(service), name, GrpcMessageEncoder.encoder(), decoder);
  }
}
