package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.devstack.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process of {@code up} for tests. */
final class RunningUp {
  private final Process process;
  private final Path log;

  /**
   * @param directory where its output goes
   * @param name of the file there
   */
  RunningUp(Path directory, String name, String... arguments) throws IOException {
    log = directory.resolve(name + ".log");
    Stream<String> command =
        Stream.of(
            ProcessHandle.current().info().command().orElseThrow(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Xmx768m",
            "-Dtidegate.home=" + Path.of("../..").toRealPath(),
            "-cp",
            System.getProperty("java.class.path"),
            "-Dlogback.configurationFile=" + Path.of("../../conf/logback-dev.xml").toRealPath(),
            Tidegate.class.getName());
    process =
        new ProcessBuilder(Stream.concat(command, Stream.of(arguments)).toList())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
  }

  Process process() {
    return process;
  }

  String output() throws IOException {
    return Files.readString(log);
  }

  void awaitReady() {
    Await.until(
        "up is ready",
        Duration.ofSeconds(180),
        () -> {
          assertThat(process.isAlive()).as(output()).isTrue();
          if (!output().contains("Ctrl-C stops everything")) {
            // The wait's failure tells it.
            throw new IllegalStateException("it says so far:\n" + output());
          }
          return true;
        });
  }

  int exitCode() throws Exception {
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }
}
