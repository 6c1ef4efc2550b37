package io.tidegate.bench;

import io.tidegate.bench.Peers.Peer;
import io.tidegate.devstack.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Spring Cloud Gateway as a contender: {@code bench/peers/spring-cloud-gateway}, built when first
 * needed, with the same JVM flags as a node.
 */
final class SpringGateway {
  private static final Duration BUILD_LIMIT = Duration.ofMinutes(10);

  private SpringGateway() {}

  /** Starts it; it listens when this returns. */
  static Peer start(Bench bench, int upstream) throws IOException, InterruptedException {
    Path libraries = build(bench.home(), bench::say);
    int port = Ports.free();
    return bench
        .peers()
        .java(
            "spring-cloud-gateway",
            libraries + "/*",
            "peer.Gateway",
            port,
            List.of(
                "--server.port=" + port,
                "--server.address=127.0.0.1",
                "--upstream=http://127.0.0.1:" + upstream,
                "--spring.data.redis.url=" + bench.stack().redisUri(),
                "--spring.security.oauth2.resourceserver.jwt.public-key-location=file:"
                    + bench.tokens().publicKey(),
                "--spring.security.oauth2.resourceserver.jwt.audiences=" + Tokens.AUDIENCE));
  }

  /**
   * Builds it, if that has not been done.
   *
   * @return the folder of its libraries
   */
  static Path build(Path home, Consumer<String> say) throws IOException, InterruptedException {
    Path project = home.resolve("bench/peers/spring-cloud-gateway");
    Path libraries = project.resolve("target/dist/lib");
    Path built = project.resolve("target/dist/built");
    if (!Files.exists(built) || newest(project).compareTo(Files.getLastModifiedTime(built)) > 0) {
      say.accept("building Spring Cloud Gateway, once");
      String maven = home.resolve("mvnw").toString();
      String pom = project.resolve("pom.xml").toString();
      Shell.run(List.of(maven, "-q", "-B", "-ntp", "-f", pom, "package"), project, BUILD_LIMIT);
      Files.writeString(built, "");
    }
    return libraries;
  }

  private static FileTime newest(Path project) throws IOException {
    FileTime newest = Files.getLastModifiedTime(project.resolve("pom.xml"));
    try (Stream<Path> sources = Files.walk(project.resolve("src"))) {
      for (Path source : sources.filter(Files::isRegularFile).toList()) {
        FileTime time = Files.getLastModifiedTime(source);
        newest = time.compareTo(newest) > 0 ? time : newest;
      }
    }
    return newest;
  }
}
