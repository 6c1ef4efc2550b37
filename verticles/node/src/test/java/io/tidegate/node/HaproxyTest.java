package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The configuration of HAProxy that comes with us, by HAProxy's own word. */
class HaproxyTest {
  private static final Path CONFIGURATION = Path.of("../../deploy/haproxy/haproxy.cfg");

  @Test
  void haproxyTakesIt() throws Exception {
    Process check;
    try {
      check =
          new ProcessBuilder("haproxy", "-c", "-f", CONFIGURATION.toString())
              .redirectErrorStream(true)
              .start();
    } catch (IOException absent) {
      abort("haproxy is not on this machine's path: apt-get install haproxy");
      return;
    }
    String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(check.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(check.exitValue()).as(said).isZero();
    assertThat(said).doesNotContain("WARNING", "ALERT");
  }

  @Test
  void itsServersAreTheNodesThatUpStarts() throws IOException {
    String text = Files.readString(CONFIGURATION);
    List<String> checked = new ArrayList<>();
    Pattern.compile("server (node-\\d) 127\\.0\\.0\\.1:(\\d+) port (\\d+)")
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .forEach(checked::add);
    assertThat(checked)
        .containsExactly(
            "server node-1 127.0.0.1:8080 port 8081",
            "server node-2 127.0.0.1:8082 port 8083",
            "server node-3 127.0.0.1:8084 port 8085");
    assertThat(text)
        .contains("uri /health/ready", "track nodes/node-3", "retry-on conn-failure")
        .contains("bind 127.0.0.1:8404");
  }
}
