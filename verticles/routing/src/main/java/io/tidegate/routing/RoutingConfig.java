package io.tidegate.routing;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Settings of routing that are not in routes.yaml: {@code routing.*} of tidegate.yaml. */
@ConfigMapping(prefix = "routing")
public interface RoutingConfig {
  /** Milliseconds between two looks at routes.yaml. */
  @WithDefault("500")
  int reloadEveryMs();

  /**
   * Milliseconds between two checks that the table in force is the far side's newest (news may be
   * lost).
   */
  @WithDefault("10000")
  int resyncEveryMs();

  /** The name this gateway goes by in {@code Via}: a pseudonym, RFC 9110 7.6.3. */
  @WithDefault("tidegate")
  String via();

  /** Bytes that an upstream's response head may have. */
  @WithDefault("32768")
  int maxResponseHeadBytes();

  /** Seconds that an upstream's connections may live on after it left the table. */
  @WithDefault("30")
  int drainSeconds();
}
