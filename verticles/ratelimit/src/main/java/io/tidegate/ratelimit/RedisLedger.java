package io.tidegate.ratelimit;

import io.tidegate.bus.Failure;
import io.tidegate.platform.RedisScript;
import io.vertx.core.Future;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The ledger that all nodes share: a script, one key a run, on Redis's clock. Keys expire when they
 * no longer matter.
 */
final class RedisLedger implements Ledger {
  private static final RedisScript SCRIPT = new RedisScript(read());

  private final Function<List<Request>, Future<List<@Nullable Response>>> redis;

  /**
   * @param redis sends commands in one write, with a deadline of its own
   */
  RedisLedger(Function<List<Request>, Future<List<@Nullable Response>>> redis) {
    this.redis = redis;
  }

  @Override
  public Future<List<Grant>> take(List<Withdrawal> withdrawals) {
    return SCRIPT
        .runAll(redis, withdrawals.stream().map(RedisLedger::run).toList())
        .map(answers -> answers.stream().map(RedisLedger::grant).toList());
  }

  private static RedisScript.Run run(Withdrawal withdrawal) {
    Quota quota = withdrawal.quota();
    return new RedisScript.Run(
        withdrawal.key(),
        request ->
            request
                .arg(withdrawal.units())
                .arg(quota.cost())
                .arg(quota.numerator())
                .arg(quota.denominator())
                .arg(quota.toleranceMicros())
                .arg(withdrawal.notBefore()));
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
}
