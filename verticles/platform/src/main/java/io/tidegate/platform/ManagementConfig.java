package io.tidegate.platform;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** The port for ops: health and metrics. Never open to the world. */
@ConfigMapping(prefix = "management")
public interface ManagementConfig {
  @WithDefault("127.0.0.1")
  String host();

  /** 0: any free port. */
  @WithDefault("8081")
  int port();

  static void check(ManagementConfig config, Checks checks) {
    checks.between("management.port", config.port(), 0, 65_535);
  }
}
