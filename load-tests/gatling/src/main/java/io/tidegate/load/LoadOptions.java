package io.tidegate.load;

import io.tidegate.simulate.DurationText;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every scenario. What is null has the scenario's own default. */
final class LoadOptions {
  private static final double MOST_RATE = 1_000_000;
  private static final int MOST_USERS = 100_000;
  private static final int MOST_CUSTOMERS = 8_000_000;

  @Option(
      names = "--url",
      split = ",",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8080",
      description = "The gateway; several nodes are asked in turn (default: ${DEFAULT-VALUE}).")
  List<URI> urls = List.of();

  @Option(
      names = "--management",
      split = ",",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8081",
      description = "The same nodes' management ports, for metrics (default: ${DEFAULT-VALUE}).")
  List<URI> management = List.of();

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Requests a second (default: the scenario's).")
  @Nullable Double rate;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      converter = DurationText.class,
      description = "How long: 30s, 5m, 1h (default: the scenario's).")
  @Nullable Duration duration;

  @Option(
      names = "--p99",
      paramLabel = "MS",
      description =
          "Asserts that 99 of 100 answers take at most so many milliseconds (default: the scenario's).")
  @Nullable Integer p99;

  @Option(
      names = "--users",
      paramLabel = "N",
      defaultValue = "2000",
      description = "Customers who are signed in, each with a token (default: ${DEFAULT-VALUE}).")
  int users;

  @Option(
      names = "--customers",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "Customers there are, as `load seed` makes them (default: ${DEFAULT-VALUE}).")
  int customers;

  @Option(
      names = "--write-key",
      paramLabel = "KEY",
      defaultValue = "dev",
      description = "The write key of the events (default: ${DEFAULT-VALUE}).")
  String writeKey = "dev";

  @Option(
      names = "--token",
      paramLabel = "JWT",
      description = {
        "One bearer token for all users, of an agent or supervisor; its own limit is theirs then",
        "(default: one for each user, signed with the development key)."
      })
  @Nullable String token;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = ".tidegate",
      description = "Where `up` keeps the development key (default: ${DEFAULT-VALUE}).")
  Path dataDir = Path.of(".tidegate");

  @Option(
      names = "--route",
      paramLabel = "PATH",
      defaultValue = "/private/hello",
      description = "The path of routed calls (default: ${DEFAULT-VALUE}).")
  String route = "/private/hello";

  @Option(
      names = "--from",
      split = ",",
      paramLabel = "ADDRESS",
      description = {
        "Addresses of this machine to connect from, since limits count clients by address",
        "(default: on loopback 127.0.0.1 to 127.0.0.16, else any)."
      })
  List<String> from = List.of();

  @Option(
      names = "--results",
      paramLabel = "DIR",
      defaultValue = "target/load",
      description = "Where the reports go (default: ${DEFAULT-VALUE}).")
  Path results = Path.of("target/load");

  /**
   * Finds the first option that makes no sense.
   *
   * @return what is wrong with it; null for nothing
   */
  @Nullable String problem() {
    for (URI url : urls) {
      if (!isAddress(url)) {
        return "--url: " + url + " (expected: http://host:port)";
      }
    }
    for (URI url : management) {
      if (!isAddress(url)) {
        return "--management: " + url + " (expected: http://host:port)";
      }
    }
    if (rate != null && !(rate >= 1 && rate <= MOST_RATE)) {
      return "--rate: " + rate + " (expected: 1 to 1000000)";
    }
    if (duration != null && duration.compareTo(Duration.ofSeconds(1)) < 0) {
      return "--duration: " + duration.toMillis() + "ms (expected: at least 1s)";
    }
    if (p99 != null && p99 < 1) {
      return "--p99: " + p99 + " (expected: at least 1)";
    }
    if (users < 1 || users > MOST_USERS) {
      return "--users: " + users + " (expected: 1 to " + MOST_USERS + ")";
    }
    if (customers < 1 || customers > MOST_CUSTOMERS) {
      return "--customers: " + customers + " (expected: 1 to " + MOST_CUSTOMERS + ")";
    }
    return route.startsWith("/") ? null : "--route: " + route + " (expected: a path, /...)";
  }

  private static boolean isAddress(URI url) {
    return url.getHost() != null
        && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
        && (url.getPath() == null || url.getPath().isEmpty());
  }

  double rateOr(double otherwise) {
    return rate == null ? otherwise : rate;
  }

  Duration durationOr(Duration otherwise) {
    return duration == null ? otherwise : duration;
  }

  List<String> urlTexts() {
    return urls.stream().map(URI::toString).toList();
  }

  List<String> managementTexts() {
    return management.stream().map(URI::toString).toList();
  }
}
