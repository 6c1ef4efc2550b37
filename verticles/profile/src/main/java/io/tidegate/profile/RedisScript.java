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

  /** A run of it, to be sent. */
  Request on(String key, UnaryOperator<Request> arguments) {
    return arguments.apply(Request.cmd(Command.EVALSHA).arg(hash).arg(1).arg(key));
  }

  /**
   * Runs it.
   *
   * @param arguments adds what follows the key
   */
  Future<@Nullable Response> run(RedisLink link, String key, UnaryOperator<Request> arguments) {
    return link.send(on(key, arguments))
        .recover(
            cause ->
                String.valueOf(cause.getMessage()).startsWith("NOSCRIPT")
                    ? link.send(
                        arguments.apply(Request.cmd(Command.EVAL).arg(text).arg(1).arg(key)))
                    : Future.failedFuture(cause));
  }
}
