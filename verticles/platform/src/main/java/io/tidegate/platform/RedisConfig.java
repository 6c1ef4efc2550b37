package io.tidegate.platform;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;

/** How Redis is reached. */
@ConfigMapping(prefix = "redis")
public interface RedisConfig {
  /** {@code redis://[:password@]host:port[/database]}. */
  @WithDefault("redis://127.0.0.1:6379")
  String uri();

  /**
   * A command without an answer by then has failed. Redis answers in well under a millisecond or is
   * in trouble.
   */
  @WithDefault("250ms")
  Duration commandTimeout();

  /**
   * Commands under way on one link; more are refused at once. Lookups and leases send up to 256
   * together.
   */
  @WithDefault("8192")
  int maxInFlight();

  /** How often a lost Redis is tried again. */
  @WithDefault("500ms")
  Duration reconnectEvery();

  static void check(RedisConfig config, Checks checks) {
    checks
        .expect(
            canParse(config.uri()),
            "redis.uri",
            ConfigLoader.MASK,
            "redis://[:password@]host:port[/database]")
        .positive("redis.command-timeout", config.commandTimeout())
        .between("redis.max-in-flight", config.maxInFlight(), 1_024, 1_000_000)
        .positive("redis.reconnect-every", config.reconnectEvery());
  }

  /** Whether the client can make sense of it; its own errors would quote it. */
  private static boolean canParse(String uri) {
    try {
      URI parsed = new URI(uri);
      return (uri.startsWith("redis://") || uri.startsWith("rediss://"))
          && parsed.getHost() != null
          && parsed.getPort() <= 65_535
          && parsed.getPath().matches("(/\\d{0,5})?");
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
