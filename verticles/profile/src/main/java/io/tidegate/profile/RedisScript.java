package io.tidegate.profile;

import io.tidegate.platform.RedisLink;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A Lua script of one key, sent by its hash; in full only when Redis does not know it (a restart,
 * SCRIPT FLUSH).
 */
final class RedisScript {
  private final String text;
  private final String hash;

  RedisScript(String text) {
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
   * @param arguments adds what follows the key
   */
  record Run(String key, UnaryOperator<Request> arguments) {}

  /** Runs it. */
  Future<@Nullable Response> run(RedisLink link, Run run) {
    return runAll(link, List.of(run)).map(answers -> answers.getFirst());
  }

  /**
   * Runs it so many times, in one write.
   *
   * @return as {@link RedisLink#sendAll}
   */
  Future<List<@Nullable Response>> runAll(RedisLink link, List<Run> runs) {
    return link.sendAll(requests(runs))
        .recover(
            cause ->
                String.valueOf(cause.getMessage()).contains("NOSCRIPT")
                    ? link.send(Request.cmd(Command.SCRIPT).arg("LOAD").arg(text))
                        .compose(loaded -> link.sendAll(requests(runs)))
                    : Future.failedFuture(cause));
  }

  private List<Request> requests(List<Run> runs) {
    return runs.stream()
        .map(run -> run.arguments.apply(Request.cmd(Command.EVALSHA).arg(hash).arg(1).arg(run.key)))
        .toList();
  }
}
