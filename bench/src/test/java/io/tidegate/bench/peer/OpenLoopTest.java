package io.tidegate.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OpenLoopTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() {
    vertx.close().await();
  }

  private String figures(long rate, Consumer<HttpServerRequest> answer) throws TimeoutException {
    return figures(rate, SECOND / 2, answer);
  }

  private String figures(long rate, long warmUpNanos, Consumer<HttpServerRequest> answer)
      throws TimeoutException {
    HttpServer server =
        vertx.createHttpServer().requestHandler(answer::accept).listen(0, "127.0.0.1").await();
    OpenLoop loop =
        new OpenLoop(
            new OpenLoop.Plan(
                "http://127.0.0.1:" + server.actualPort() + "/item",
                "Bearer x",
                rate,
                warmUpNanos,
                SECOND));
    vertx.deployVerticle(loop).await();
    return loop.figures().await(30, TimeUnit.SECONDS);
  }

  private static long figure(String line, String name) {
    Matcher matcher = Pattern.compile(name + "=(\\d+)").matcher(line);
    assertThat(matcher.find()).as(line).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  @Test
  void sendsSoManyASecondAndCountsThoseAfterTheWarmUp() throws TimeoutException {
    String line =
        figures(
            400,
            request -> {
              boolean asked =
                  request.path().equals("/item")
                      && "Bearer x".equals(request.getHeader("Authorization"));
              // In two parts, the second of them late.
              HttpServerResponse answer = request.response().setStatusCode(asked ? 200 : 400);
              answer.putHeader("Content-Length", "10").write("01234");
              vertx.setTimer(2, late -> answer.end("56789"));
            });
    assertThat(line).startsWith("figures ");
    assertThat(figure(line, "requests")).isBetween(395L, 410L);
    assertThat(figure(line, "errors")).isZero();
    assertThat(figure(line, "p50_us")).isBetween(2_000L, 500_000L);
  }

  @Test
  void whatWaitsForASlowServerCountsFromWhenItWasDue() throws TimeoutException {
    String line =
        figures(
            2_000,
            request -> vertx.setTimer(400, late -> request.response().end("a constant answer")));
    // 256 connections of 2.5 answers a second are a third of the rate.
    assertThat(figure(line, "requests")).isBetween(1_990L, 2_300L);
    assertThat(figure(line, "p99_us")).isGreaterThan(1_500_000L);
  }

  @Test
  void whatIsLateWhileItWarmsUpIsNoPartOfTheFigures() throws TimeoutException {
    long begin = System.nanoTime();
    // 256 connections: 320 answers a second at first, hardly more than is asked for after that.
    String line =
        figures(
            2_000,
            2 * SECOND,
            request -> {
              long delay = System.nanoTime() - begin < 3 * SECOND / 5 ? 800 : 125;
              vertx.setTimer(delay, late -> request.response().end("a constant answer"));
            });
    assertThat(figure(line, "requests")).isBetween(1_990L, 2_300L);
    assertThat(figure(line, "p50_us")).isBetween(120_000L, 350_000L);
  }

  @Test
  void aRateOfNothingIsRefused() {
    assertThatThrownBy(() -> new OpenLoop.Plan("http://127.0.0.1:1/", "", 0, SECOND, SECOND))
        .hasMessage("rate: 0 (expected: >= 1 a second)");
  }

  @Test
  void errorsAndClosedConnectionsCountAndDoNotEndIt() throws TimeoutException {
    AtomicInteger come = new AtomicInteger();
    String line =
        figures(
            400,
            request -> {
              switch (come.incrementAndGet() % 10) {
                case 3 -> request.connection().close();
                case 7 -> request.response().setStatusCode(503).end("busy");
                default -> request.response().end("ok");
              }
            });
    assertThat(line).startsWith("first error: ");
    assertThat(figure(line, "requests")).isBetween(395L, 410L);
    assertThat(figure(line, "errors")).isBetween(60L, 100L);
  }

  @Test
  void anAnswerWithoutALengthIsAnError() throws TimeoutException {
    String line =
        figures(
            100,
            request -> {
              request.response().setChunked(true).end("of some length");
            });
    assertThat(line).contains("Content-Length");
    assertThat(figure(line, "errors")).isBetween(95L, 105L);
  }
}
