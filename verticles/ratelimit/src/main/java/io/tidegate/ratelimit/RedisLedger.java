package io.tidegate.ratelimit;

import io.tidegate.bus.Failure;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The ledger that all nodes share: a script, one key a call, on Redis's clock. Keys expire when
 * they no longer matter.
 */
final class RedisLedger implements Ledger {
  private static final String SCRIPT = read();
  private static final String SHA = sha1(SCRIPT);

  private final Function<Request, Future<@Nullable Response>> redis;

  /**
   * @param redis sends one command, with a deadline of its own
   */
  RedisLedger(Function<Request, Future<@Nullable Response>> redis) {
    this.redis = redis;
  }

  @Override
  public Future<Grant> take(String key, Quota quota, long units, long notBefore) {
    return redis
        .apply(request(Command.EVALSHA, SHA, key, quota, units, notBefore))
        .recover(
            cause ->
                String.valueOf(cause.getMessage()).startsWith("NOSCRIPT")
                    ? redis.apply(request(Command.EVAL, SCRIPT, key, quota, units, notBefore))
                    : Future.failedFuture(cause))
        .map(RedisLedger::grant);
  }

  private static Request request(
      Command command, String script, String key, Quota quota, long units, long notBefore) {
    return Request.cmd(command)
        .arg(script)
        .arg(1)
        .arg(key)
        .arg(units)
        .arg(quota.cost())
        .arg(quota.numerator())
        .arg(quota.denominator())
        .arg(quota.toleranceMicros())
        .arg(notBefore);
  }

  private static Grant grant(@Nullable Response answer) {
    if (answer == null || answer.size() != 3) {
      throw Failure.STORE_UNAVAILABLE.because("Redis answered the ledger's script with " + answer);
    }
    return new Grant(answer.get(0).toLong(), answer.get(1).toLong(), answer.get(2).toLong());
  }

  private static String read() {
    try (InputStream in = RedisLedger.class.getResourceAsStream("take.lua")) {
      if (in == null) {
        throw new IllegalStateException("take.lua is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha1(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
