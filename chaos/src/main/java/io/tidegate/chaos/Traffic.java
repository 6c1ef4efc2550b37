package io.tidegate.chaos;

import io.tidegate.chaos.Answers.Failed;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Steady traffic by schedule, whatever the answers do: events, profile reads, routed and limited
 * calls, from a client that uses ready nodes in turn and repeats nothing.
 */
final class Traffic extends VerticleBase {
  /** The order of requests, over and over: as evenly as it gets. */
  private static final List<Operation> TURNS =
      List.of(
          Operation.EVENT,
          Operation.LIMITED,
          Operation.PROFILE,
          Operation.EVENT,
          Operation.LIMITED,
          Operation.ROUTED);

  private static final long TICK_MILLIS = 5;
  private static final long LIMIT_MILLIS = 5_000;
  private static final int CONNECTIONS = 128;

  private final Cluster cluster;
  private final ProfileBook profiles;
  private final List<String> customers;
  private final String bearer;
  private final long intervalNanos;
  private final String basic =
      "Basic "
          + Base64.getEncoder()
              .encodeToString((NodeSettings.WRITE_KEY + ":").getBytes(StandardCharsets.UTF_8));
  private @Nullable HttpClient client;
  private @Nullable ReadyNodes ready;
  private @Nullable Round round;
  private Promise<Void> idle = Promise.promise();
  private long due;
  private long turn;
  private int inFlight;

  /**
   * Traffic that is not yet deployed.
   *
   * @param rate requests a second
   * @param bearer a token that may read every profile
   */
  Traffic(
      Cluster cluster, ProfileBook profiles, List<String> customers, String bearer, double rate) {
    this.cluster = cluster;
    this.profiles = profiles;
    this.customers = customers;
    this.bearer = bearer;
    this.intervalNanos = (long) (TimeUnit.SECONDS.toNanos(1) / rate);
  }

  /** How many of so many requests a second are limited ones. */
  static double limited(double rate) {
    return rate * Collections.frequency(TURNS, Operation.LIMITED) / TURNS.size();
  }

  @Override
  public Future<?> start() {
    HttpClient made =
        vertx
            .httpClientBuilder()
            .with(new HttpClientOptions().setConnectTimeout(1_000).setKeepAliveTimeout(30))
            .with(new PoolOptions().setHttp1MaxSize(CONNECTIONS))
            // Each request on a broken connection fails by itself; Vert.x would log them all.
            .withConnectHandler(connection -> connection.exceptionHandler(broken -> {}))
            .build();
    client = made;
    ReadyNodes nodes = new ReadyNodes(vertx, made, cluster.settings(), cluster.edges());
    ready = nodes;
    nodes.start();
    vertx.setPeriodic(TICK_MILLIS, tick -> sendWhatIsDue());
    return Future.succeededFuture();
  }

  /** Requests are sent from now on, and written down in this round. */
  void begin(Round next) {
    context.runOnContext(
        begin -> {
          round = next;
          due = System.nanoTime();
        });
  }

  /** No more requests are sent; done when all are answered or given up. */
  Future<Void> end() {
    Promise<Void> ended = Promise.promise();
    context.runOnContext(
        end -> {
          round = null;
          idle = ended;
          tellIfIdle();
        });
    return ended.future();
  }

  private void tellIfIdle() {
    if (round == null && inFlight == 0) {
      idle.tryComplete();
    }
  }

  private void sendWhatIsDue() {
    Round current = round;
    if (current != null) {
      for (long now = System.nanoTime(); due <= now; due += intervalNanos) {
        send(current, due);
      }
    }
  }

  private void send(Round current, long due) {
    String customer = customers.get(ThreadLocalRandom.current().nextInt(customers.size()));
    switch (TURNS.get((int) (turn++ % TURNS.size()))) {
      case EVENT -> event(current, due, customer);
      case PROFILE -> read(current, due, customer);
      case ROUTED -> get(current, due, Operation.ROUTED, "/open/hello", (answer, node) -> {});
      case LIMITED -> limited(current, due);
    }
  }

  private void event(Round current, long due, String customer) {
    String id = current.nextMessageId();
    Buffer body =
        new JsonObject()
            .put("userId", customer)
            .put("event", "Chaos Tick")
            .put("messageId", id)
            .toBuffer();
    exchange(
        current,
        due,
        Operation.EVENT,
        HttpMethod.POST,
        "/v1/track",
        basic,
        body,
        (answer, node) -> current.events().acknowledge(id));
  }

  private void read(Round current, long due, String customer) {
    long begun = System.nanoTime();
    get(
        current,
        due,
        Operation.PROFILE,
        "/v1/customers/" + customer + "/profile",
        (answer, node) ->
            current.read(
                node, begun, profiles.age(customer, answer.version(), begun), answer.marked()));
  }

  private void limited(Round current, long due) {
    long sent = System.nanoTime();
    get(
        current,
        due,
        Operation.LIMITED,
        "/limited/hello",
        (answer, node) -> {
          if (answer.status() == 429) {
            current.admissions().refuse(sent, System.nanoTime());
          } else {
            current.admissions().admit(sent, System.nanoTime());
          }
        });
  }

  private void get(Round current, long due, Operation operation, String path, Success success) {
    String authorization = operation == Operation.PROFILE ? "Bearer " + bearer : null;
    exchange(current, due, operation, HttpMethod.GET, path, authorization, null, success);
  }

  /** What a good answer is good for. */
  @FunctionalInterface
  private interface Success {
    void by(Answer answer, int node);
  }

  /**
   * An answer.
   *
   * @param marked whether it says that it is stale
   */
  private record Answer(int status, boolean marked, Buffer body) {
    static Answer of(HttpClientResponse response, Buffer body) {
      String cache = response.getHeader("Cache-Status");
      return new Answer(response.statusCode(), cache != null && cache.contains("ttl=-"), body);
    }

    /** Of a profile; of none, 0: who is told that there is no such customer is told the past. */
    long version() {
      if (status == 404) {
        return 0;
      }
      try {
        return new JsonObject(body).getLong("version", -1L);
      } catch (DecodeException | ClassCastException e) {
        return -1;
      }
    }
  }

  /** One request and what comes of it. */
  private void exchange(
      Round current,
      long due,
      Operation operation,
      HttpMethod method,
      String path,
      @Nullable String authorization,
      @Nullable Buffer body,
      Success success) {
    HttpClient http = client;
    ReadyNodes nodes = ready;
    long sent = System.nanoTime();
    int node = nodes == null ? ReadyNodes.NONE : nodes.next(operation);
    if (http == null || nodes == null || node == ReadyNodes.NONE) {
      current.answers().failed(new Failed(Answers.NO_NODE, operation, "no node is ready", sent));
      return;
    }
    RequestOptions options =
        new RequestOptions()
            .setAbsoluteURI(cluster.settings().url(node) + path)
            .setMethod(method)
            .setIdleTimeout(LIMIT_MILLIS);
    if (authorization != null) {
      options.putHeader(HttpHeaders.AUTHORIZATION, authorization);
    }
    if (body != null) {
      options.putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
    }
    inFlight++;
    http.request(options)
        .compose(request -> body == null ? request.send() : request.send(body))
        .compose(response -> response.body().map(bytes -> Answer.of(response, bytes)))
        .timeout(LIMIT_MILLIS, TimeUnit.MILLISECONDS)
        .onComplete(
            answer -> {
              inFlight--;
              if (operation.isGood(answer.status())) {
                current.answers().succeeded(node, due, System.nanoTime());
                success.by(answer, node);
              } else {
                String reason = Integer.toString(answer.status());
                current.answers().failed(new Failed(node, operation, reason, sent));
              }
              tellIfIdle();
            },
            cause -> {
              inFlight--;
              nodes.failed(node);
              current.answers().failed(new Failed(node, operation, reason(cause), sent));
              tellIfIdle();
            });
  }

  private static String reason(Throwable cause) {
    return switch (cause) {
      case TimeoutException e -> "no answer in " + LIMIT_MILLIS / 1_000 + " s";
      case ConnectException e -> "no connection";
      default -> "connection lost";
    };
  }
}
