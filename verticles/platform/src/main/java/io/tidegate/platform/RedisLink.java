package io.tidegate.platform;

import io.tidegate.bus.Failure;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pipelined connection to Redis that mends itself. Belongs to one event loop. A command has its
 * own deadline; once Redis is lost (refused, closed, or silent past a few deadlines, and for as
 * long as two of them) every command fails at once, until a PING on a new connection is answered.
 */
public final class RedisLink {
  private static final Logger log = LoggerFactory.getLogger(RedisLink.class);
  private static final int SILENT_MEANS_LOST = 3;

  private final Vertx vertx;
  private final Context context;
  private final RedisConfig config;
  private final String name;
  private final Duration deadline;
  private final Redis client;
  private @Nullable RedisConnection connection;
  private volatile boolean up;
  private volatile long upSinceMillis;
  private int silent;
  private long silentSince;
  private int inFlight;
  private boolean told;
  private boolean closed;

  /**
   * To be made on the event loop that will use it.
   *
   * @param name for the log: who uses it
   */
  public RedisLink(Vertx vertx, RedisConfig config, String name) {
    this(vertx, config, name, config.commandTimeout());
  }

  /**
   * One whose commands have a deadline of their own.
   *
   * @param deadline a command without an answer by then has failed
   */
  public RedisLink(Vertx vertx, RedisConfig config, String name, Duration deadline) {
    this.deadline = deadline;
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.config = config;
    this.name = name;
    this.client =
        Redis.createClient(
            vertx,
            new RedisOptions()
                .setConnectionString(config.uri())
                .setPoolName("redis-" + name)
                .setMaxPoolSize(1)
                .setMaxPoolWaiting(4)
                .setMaxWaitingHandlers(config.maxInFlight() + 16)
                .setPoolRecycleTimeout(-1)
                .setNetClientOptions(
                    new NetClientOptions()
                        .setTcpNoDelay(true)
                        .setConnectTimeout(Math.toIntExact(connectMillis()))));
  }

  private long connectMillis() {
    return Math.max(1_000, deadline.toMillis());
  }

  /** Connects; completes when it is up or the first attempt has failed (it goes on trying). */
  public Future<Void> start() {
    return connect();
  }

  /** Whether commands are taken now. Safe from any thread. */
  public boolean up() {
    return up;
  }

  /**
   * Since when it is up without a gap, epoch milliseconds; what was stored before may have missed
   * changes since.
   */
  public long upSinceMillis() {
    return upSinceMillis;
  }

  /**
   * Sends one command; must be called on the link's own event loop.
   *
   * @return the answer; an error that Redis answers fails with its own exception ({@code
   *     ErrorType}); fails with {@link Failure#STORE_UNAVAILABLE} when Redis is lost, silent past
   *     the deadline, or too much is under way
   */
  public Future<@Nullable Response> send(Request request) {
    return send(1, to -> to.send(request));
  }

  /**
   * Sends commands in one write; must be called on the link's own event loop.
   *
   * @return the answers, in the commands' order; fails as {@link #send} does, and as a whole when
   *     Redis answers one of them with an error: which of the others it carried out is not told.
   *     One that was cut off by the end of the connection may look like an error of Redis's
   */
  public Future<List<@Nullable Response>> sendAll(List<Request> requests) {
    return requests.isEmpty()
        ? Future.succeededFuture(List.of())
        : send(requests.size(), to -> to.batch(requests));
  }

  private <T extends @Nullable Object> Future<T> send(
      int commands, Function<RedisConnection, Future<T>> how) {
    RedisConnection current = connection;
    if (!up || current == null) {
      return Future.failedFuture(Failure.STORE_UNAVAILABLE.because("Redis is not reachable"));
    }
    if (inFlight + commands > config.maxInFlight()) {
      return Future.failedFuture(
          Failure.STORE_UNAVAILABLE.because("Redis: " + inFlight + " commands under way already"));
    }
    inFlight += commands;
    return how.apply(current)
        .timeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
        .transform(
            answer -> {
              inFlight -= commands;
              if (answer.succeeded()) {
                silent = 0;
                return Future.succeededFuture(answer.result());
              }
              if (answer.cause() instanceof TimeoutException) {
                fellSilent(current);
                return Future.failedFuture(
                    Failure.STORE_UNAVAILABLE.because(
                        "Redis did not answer within " + deadline.toMillis() + " ms"));
              }
              return up && current == connection
                  ? Future.failedFuture(answer.cause())
                  : Future.failedFuture(Failure.STORE_UNAVAILABLE.because("Redis was lost"));
            });
  }

  /**
   * Commands that were sent together and expire together are one silence, which may just be a busy
   * machine.
   */
  private void fellSilent(RedisConnection current) {
    long now = System.nanoTime();
    silentSince = silent == 0 ? now : silentSince;
    if (++silent >= SILENT_MEANS_LOST && now - silentSince >= deadline.toNanos()) {
      lost(current, "silent for " + silent + " commands");
    }
  }

  /** Closes for good. */
  public Future<Void> close() {
    closed = true;
    up = false;
    return client.close();
  }

  private Future<Void> connect() {
    Promise<Void> attempted = Promise.promise();
    client
        .connect()
        .compose(
            fresh ->
                fresh
                    .send(Request.cmd(Command.PING))
                    .timeout(connectMillis(), TimeUnit.MILLISECONDS)
                    .map(fresh)
                    .onFailure(cause -> fresh.close()))
        .onComplete(
            fresh -> {
              if (fresh.succeeded()) {
                established(fresh.result());
              } else {
                tellOnce(String.valueOf(fresh.cause().getMessage()));
                again();
              }
              attempted.complete();
            });
    return attempted.future();
  }

  private void established(RedisConnection fresh) {
    if (closed) {
      fresh.close();
      return;
    }
    connection = fresh;
    silent = 0;
    upSinceMillis = System.currentTimeMillis();
    up = true;
    fresh.endHandler(end -> lost(fresh, "connection closed"));
    fresh.exceptionHandler(cause -> lost(fresh, String.valueOf(cause.getMessage())));
    log.atInfo().addKeyValue("used_by", name).log(told ? "Redis is back" : "Redis is connected");
    told = false;
  }

  private void lost(RedisConnection which, String reason) {
    if (which != connection || closed) {
      return;
    }
    connection = null;
    up = false;
    tellOnce(reason);
    which.close();
    again();
  }

  private void tellOnce(String reason) {
    if (!told) {
      told = true;
      log.atWarn().addKeyValue("used_by", name).addKeyValue("reason", reason).log("Redis is lost");
    }
  }

  private void again() {
    if (!closed) {
      context.runOnContext(
          now -> vertx.setTimer(config.reconnectEvery().toMillis(), timer -> connect()));
    }
  }
}
