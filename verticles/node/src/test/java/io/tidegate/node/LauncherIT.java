package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher script itself, in a home of its own that holds what was built and no sources, so
 * that it has nothing to build.
 */
class LauncherIT {
  private static final String JDK = System.getProperty("java.home");
  private static final String TOOLS = "/usr/bin:/bin";

  @TempDir Path home;

  private Path launcher;

  @BeforeEach
  void install() throws IOException {
    launcher = home.resolve("tidegate");
    Files.copy(Path.of("../../tidegate"), launcher);
    Path dist = Files.createDirectories(home.resolve("verticles/node/target/dist"));
    Files.createSymbolicLink(dist.resolve("lib"), Path.of("target/dist/lib").toRealPath());
    Files.createFile(dist.resolve("built"));
    Files.createSymbolicLink(home.resolve("conf"), Path.of("../../conf").toRealPath());
  }

  @Test
  void findsAJdkOnThePath() throws Exception {
    Run help = run(Map.of("PATH", JDK + "/bin:" + TOOLS), "--help");
    assertThat(help.exitCode()).isZero();
    assertThat(help.out()).contains("Usage: tidegate", "check-config", "./tidegate test");
    assertThat(help.err()).isEmpty();
  }

  @Test
  void findsAJdkByJavaHomeAndPrintsOnlyTheToken() throws Exception {
    String data = home.resolve("data").toString();
    DevKeys.in(Path.of(data));
    Run token =
        run(Map.of("JAVA_HOME", JDK, "PATH", TOOLS), "token", "--sub", "ada", "--data-dir", data);
    assertThat(token.exitCode()).isZero();
    assertThat(token.out()).matches("[\\w-]+\\.[\\w-]+\\.[\\w-]+\n");
    assertThat(token.err()).isEmpty();
  }

  @Test
  void aJavaHomeThatIsNoneIsPassedOver() throws Exception {
    Run token =
        run(
            Map.of("JAVA_HOME", home.resolve("no-jdk").toString(), "PATH", JDK + "/bin:" + TOOLS),
            "token",
            "--role",
            "king",
            "--sub",
            "ada");
    assertThat(token.exitCode()).isEqualTo(2);
    assertThat(token.out()).isEmpty();
    assertThat(token.err()).contains("king");
  }

  @Test
  void withoutAJdkItSaysSoInOneLine() throws Exception {
    // No JDK is new enough then, wherever this machine keeps its own.
    Files.writeString(launcher, Files.readString(launcher).replace("need=25", "need=9999"));
    Run none = run(Map.of("JAVA_HOME", JDK, "PATH", JDK + "/bin:" + TOOLS), "--help");
    assertThat(none.exitCode()).isEqualTo(1);
    assertThat(none.out()).isEmpty();
    assertThat(none.err())
        .hasLineCount(1)
        .startsWith("tidegate: no JDK >= 9999 found")
        .contains("JAVA_HOME");
  }

  @Test
  void worksThroughASymbolicLinkFromElsewhere() throws Exception {
    Path link = home.resolve("elsewhere");
    Files.createSymbolicLink(link, launcher);
    launcher = link;
    Run version = run(Map.of("JAVA_HOME", JDK, "PATH", TOOLS), "--version");
    assertThat(version.exitCode()).isZero();
    assertThat(version.out()).startsWith("tidegate ");
  }

  private record Run(int exitCode, String out, String err) {}

  private Run run(Map<String, String> environment, String... arguments) throws Exception {
    Path out = home.resolve("out");
    Path err = home.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(
                Stream.concat(
                        List.of("/bin/sh", launcher.toString()).stream(), Stream.of(arguments))
                    .toList())
            .directory(home.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().put("HOME", home.toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the launcher did not end");
    }
    return new Run(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }
}
