package io.tidegate.platform;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A Lua script, sent by its hash; in full only when Redis does not know it (a restart, SCRIPT
 * FLUSH). Safe from any thread.
 */
public final class RedisScript {
  private final String text;
  private final String hash;

  public RedisScript(String text) {
    this.text = text;
    try {
      // SHA-1 is how Redis names scripts; nothing is kept safe by it.
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      this.hash = HexFormat.of().formatHex(sha1.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  /**
   * One run of it.
   *
   * @param keys one or more; in a cluster of Redis they would have to be of one slot
   * @param arguments adds what follows the keys
   */
  public record Run(List<String> keys, UnaryOperator<Request> arguments) {
    /** One of a single key. */
    public Run(String key, UnaryOperator<Request> arguments) {
      this(List.of(key), arguments);
    }
  }

  /**
   * Runs it so many times, in one write.
   *
   * @param redis sends commands in one write, as {@link RedisLink#sendAll} does
   * @return the answers, in the runs' order; fails as the link does. When Redis had forgotten the
   *     script in between, some of the runs may have happened twice
   */
  public Future<List<@Nullable Response>> runAll(
      Function<List<Request>, Future<List<@Nullable Response>>> redis, List<Run> runs) {
    return redis
        .apply(requests(runs))
        .recover(
            cause ->
                String.valueOf(cause.getMessage()).contains("NOSCRIPT")
                    ? redis
                        .apply(List.of(Request.cmd(Command.SCRIPT).arg("LOAD").arg(text)))
                        .compose(loaded -> redis.apply(requests(runs)))
                    : Future.failedFuture(cause));
  }

  private List<Request> requests(List<Run> runs) {
    return runs.stream().map(this::request).toList();
  }

  private Request request(Run run) {
    Request request = Request.cmd(Command.EVALSHA).arg(hash).arg(run.keys.size());
    run.keys.forEach(request::arg);
    return run.arguments.apply(request);
  }
}
