package io.tidegate.platform;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.devstack.Await;
import io.tidegate.devstack.RedisServer;
import io.tidegate.devstack.TestServers;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisLinkIT {
  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private RedisServer server;
  private RedisLink link;

  @BeforeEach
  void connect() throws Exception {
    server = TestServers.ownRedis();
    RedisConfig config =
        ConfigLoader.section(
            RedisConfig.class,
            Map.of(
                "redis.uri",
                server.uri(),
                "redis.reconnect-every",
                "50ms",
                "redis.max-in-flight",
                "100"));
    link = onLoop(() -> Future.succeededFuture(new RedisLink(vertx, config, "test")));
    onLoop(link::start);
  }

  @AfterEach
  void close() throws Exception {
    onLoop(link::close);
    vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
    server.close();
  }

  @Test
  void answersAndTellsRedissOwnErrorsApart() throws Exception {
    assertThat(onLoop(() -> link.send(Request.cmd(Command.SET).arg("k").arg("v"))).toString())
        .isEqualTo("OK");
    assertThat(cause(() -> link.send(Request.cmd(Command.INCR).arg("k"))))
        .isInstanceOf(ErrorType.class);
    assertThat(link.up()).isTrue();
  }

  @Test
  void commandsSentTogetherAreAnsweredInOrderAndFailTogether() throws Exception {
    assertThat(
            onLoop(
                    () ->
                        link.sendAll(
                            List.of(
                                Request.cmd(Command.SET).arg("k").arg("v"),
                                Request.cmd(Command.GET).arg("k"),
                                Request.cmd(Command.GET).arg("absent"))))
                .stream()
                .map(String::valueOf))
        .containsExactly("OK", "v", "null");
    assertThat(
            cause(
                () ->
                    link.sendAll(
                        List.of(
                            Request.cmd(Command.INCR).arg("k"),
                            Request.cmd(Command.SET).arg("after").arg("1")))))
        .isInstanceOf(ErrorType.class);
    assertThat(onLoop(() -> link.sendAll(List.of()))).isEmpty();
    assertThat(onLoop(() -> link.send(Request.cmd(Command.GET).arg("after"))).toString())
        .isEqualTo("1");
  }

  @Test
  void aStoppedRedisFailsAtOnceAndComesBackByItself() throws Exception {
    long before = link.upSinceMillis();
    server.killHard();
    Await.until("the link is down", Duration.ofSeconds(5), () -> !link.up());
    assertThat(((FailureException) cause(() -> link.send(Request.cmd(Command.PING)))).failure())
        .isEqualTo(Failure.STORE_UNAVAILABLE);
    server.startAgain();
    Await.until("the link is up", Duration.ofSeconds(10), () -> link.up());
    assertThat(onLoop(() -> link.send(Request.cmd(Command.PING))).toString()).isEqualTo("PONG");
    assertThat(link.upSinceMillis()).isGreaterThan(before);
  }

  @Test
  void aSilentRedisFailsWithinTheDeadlineThenAtOnce() throws Exception {
    server.pause();
    for (int i = 0; i < 3; i++) {
      assertThat(cause(() -> link.send(Request.cmd(Command.PING))))
          .isInstanceOf(FailureException.class);
    }
    assertThat(link.up()).isFalse();
    server.resume();
    Await.until("the link is up", Duration.ofSeconds(10), () -> link.up());
    assertThat(onLoop(() -> link.send(Request.cmd(Command.PING))).toString()).isEqualTo("PONG");
  }

  @Test
  void commandsThatExpireTogetherAreOneSilence() throws Exception {
    server.pause();
    List<Future<Response>> answers =
        onLoop(
            () ->
                Future.succeededFuture(
                    Stream.generate(() -> link.send(Request.cmd(Command.PING))).limit(5).toList()));
    Await.until(
        "all expired", Duration.ofSeconds(5), () -> answers.stream().allMatch(Future::isComplete));
    assertThat(answers).allMatch(Future::failed);
    assertThat(link.up()).isTrue();
    server.resume();
    assertThat(onLoop(() -> link.send(Request.cmd(Command.PING))).toString()).isEqualTo("PONG");
  }

  @Test
  void commandsUnderWayAreBounded() throws Exception {
    List<Future<Response>> answers =
        onLoop(
            () -> {
              List<Future<Response>> sent = new ArrayList<>();
              for (int i = 0; i < 150; i++) {
                sent.add(link.send(Request.cmd(Command.PING)));
              }
              return Future.succeededFuture(sent);
            });
    Await.until(
        "all answered", Duration.ofSeconds(5), () -> answers.stream().allMatch(Future::isComplete));
    assertThat(answers.stream().filter(Future::succeeded).count()).isEqualTo(100);
    assertThat(answers.getLast().cause()).hasMessage("Redis: 100 commands under way already");
  }

  private <T> T onLoop(Supplier<Future<T>> work) throws Exception {
    Promise<T> promise = Promise.promise();
    loop.runOnContext(now -> work.get().onComplete(promise));
    return promise.future().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private <T> Throwable cause(Supplier<Future<T>> work) throws Exception {
    try {
      onLoop(work);
      throw new AssertionError("expected a failure");
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }
}
