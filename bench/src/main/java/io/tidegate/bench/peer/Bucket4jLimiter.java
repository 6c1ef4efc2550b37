package io.tidegate.bench.peer;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.AsyncBucketProxy;
import io.github.bucket4j.distributed.proxy.AsyncProxyManager;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Bucket4j with its buckets in Redis, by Lettuce, asynchronously: the same hundred users, the same
 * number of decisions under way.
 *
 * <p>Arguments: {@code REDIS-URI SECONDS}. The first seconds warm up and do not count.
 */
public final class Bucket4jLimiter {
  private static final long LIMIT = 1_000_000_000;

  private final AsyncProxyManager<String> proxies;
  private final ExecutorService loopThread;
  private final DecisionLoop loop;
  private final BucketConfiguration limit =
      BucketConfiguration.builder()
          .addLimit(
              bandwidth ->
                  bandwidth.capacity(LIMIT / 10).refillGreedy(LIMIT, Duration.ofSeconds(60)))
          .build();
  private final Map<String, AsyncBucketProxy> buckets = new HashMap<>();

  private Bucket4jLimiter(
      AsyncProxyManager<String> proxies, ExecutorService loopThread, DecisionLoop loop) {
    this.proxies = proxies;
    this.loopThread = loopThread;
    this.loop = loop;
  }

  /** Prints the figures. */
  public static void main(String[] args) {
    RedisClient client = RedisClient.create(args[0]);
    StatefulRedisConnection<String, byte[]> connection =
        client.connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE));
    ExecutorService loopThread = Executors.newSingleThreadExecutor();
    CompletableFuture<Void> ended = new CompletableFuture<>();
    DecisionLoop loop = new DecisionLoop(Integer.parseInt(args[1]), ended);
    Bucket4jLimiter limiter =
        new Bucket4jLimiter(
            Bucket4jLettuce.casBasedBuilder(connection).build().asAsync(), loopThread, loop);
    loopThread.execute(limiter::turn);
    ended.join();
    loopThread.shutdownNow();
    client.shutdown();
    System.exit(0);
  }

  private void turn() {
    while (loop.mayBegin()) {
      long began = loop.begins();
      String subject = loop.subject();
      var unused =
          buckets
              .computeIfAbsent(
                  subject,
                  key ->
                      proxies.builder().build(key, () -> CompletableFuture.completedFuture(limit)))
              .tryConsume(1)
              .handleAsync(
                  (allowed, failure) -> {
                    loop.ends(began, failure == null && allowed);
                    turn();
                    return null;
                  },
                  loopThread);
    }
  }
}
