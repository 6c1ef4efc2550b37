package io.tidegate.routing;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.tidegate.platform.Checks;
import java.time.Duration;

/** Settings of routing that are not in routes.yaml: {@code routing.*} of tidegate.yaml. */
@ConfigMapping(prefix = "routing")
public interface RoutingConfig {
  /** Between two looks at routes.yaml. */
  @WithDefault("500ms")
  Duration reloadEvery();

  /** The name this gateway goes by in {@code Via}: a pseudonym, RFC 9110 7.6.3. */
  @WithDefault("tidegate")
  String via();

  /** Bytes that the head of an upstream's response may have. */
  @WithDefault("32768")
  int maxResponseHead();

  /** How long requests may go on at an upstream that left the table. */
  @WithDefault("30s")
  Duration drain();

  /** Notes what is out of range. */
  static void check(RoutingConfig config, Checks checks) {
    checks
        .positive("routing.reload-every", config.reloadEvery())
        .expect(
            config.via().matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+"),
            "routing.via",
            config.via(),
            "a token of RFC 9110: letters, digits and !#$%&'*+-.^_`|~")
        .between("routing.max-response-head", config.maxResponseHead(), 1_024, 1 << 20)
        .expect(!config.drain().isNegative(), "routing.drain", config.drain(), "0s or more");
  }
}
