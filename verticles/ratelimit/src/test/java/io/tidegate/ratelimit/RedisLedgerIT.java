package io.tidegate.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.devstack.TestServers;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RedisLedgerIT extends LedgerContract {
  private static Vertx vertx;
  private static RedisConnection redis;

  private final RedisLedger ledger = new RedisLedger(redis::batch);

  @BeforeAll
  static void connect() throws Exception {
    vertx = Vertx.vertx();
    redis =
        Redis.createClient(vertx, TestServers.redis().uri())
            .connect()
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
  }

  @AfterAll
  static void close() {
    vertx.close().await();
  }

  @Override
  Grant take(String key, Quota quota, long units, long notBefore) {
    try {
      return ledger
          .take(List.of(new Ledger.Withdrawal(key, quota, units, notBefore)))
          .toCompletionStage()
          .toCompletableFuture()
          .get(10, TimeUnit.SECONDS)
          .getFirst();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Override
  void pass(long micros) {
    long end = System.nanoTime() + micros * 1_000;
    while (System.nanoTime() - end < 0) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  @Test
  void loadsTheScriptAgainWhenRedisForgotIt() {
    Quota quota = Quota.of(10, 60_000_000, 2, 1);
    String key = RateLimits.key("p", UUID.randomUUID().toString());
    assertThat(take(key, quota, 1, 0).granted()).isEqualTo(1);
    ask(Request.cmd(Command.SCRIPT).arg("FLUSH"));
    assertThat(take(key, quota, 5, 0).granted()).isEqualTo(1);
  }

  @Test
  void aKeyExpiresWhenItsQuotaIsWholeAgain() {
    Quota quota = Quota.of(10, 60_000_000, 5, 1);
    String key = RateLimits.key("p", UUID.randomUUID().toString());
    Grant grant = take(key, quota, 2, 0);
    assertThat(ask(Request.cmd(Command.PTTL).arg(key)).toLong())
        .isBetween(10_000L, grant.resetMicros() / 1_000 + 2);
    assertThat(ask(Request.cmd(Command.GET).arg(key)).toString())
        .isEqualTo(Long.toString(grant.tat()));
  }

  private static Response ask(Request request) {
    try {
      return redis
          .send(request)
          .toCompletionStage()
          .toCompletableFuture()
          .get(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
