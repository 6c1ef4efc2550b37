package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What is read without picocli is read as picocli reads it, and all else is left to it. */
class NodeArgumentsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--conf /etc/tidegate",
        "--conf=/etc/tide=gate --port=8080",
        "--port 0 --management-port +8081",
        "--roles edge,Routing,RATELIMIT --exit-with 4711",
        "--roles=profile"
      })
  void readsWhatPicocliReads(String line) {
    NodeCommand byPicocli = new NodeCommand();
    withEnums(byPicocli).parseArgs(words(line));
    assertThat(NodeArguments.read(words(line)))
        .isNotNull()
        .usingRecursiveComparison()
        .isEqualTo(byPicocli);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "-V",
        "--port",
        "--port=",
        "--port 80x",
        "--port 99999999999",
        "--port 1 --port 2",
        "--port --conf",
        "--conf @arguments",
        "--conf 'quoted'",
        "@arguments --port",
        "--roles edge,",
        "--roles edge,nonsense",
        "--prot 8080",
        "conf"
      })
  void leavesTheRestToPicocli(String line) {
    assertThat(NodeArguments.read(words(line))).isNull();
  }

  private static String[] words(String line) {
    return line.isEmpty() ? new String[0] : line.split(" ", -1);
  }

  private static CommandLine withEnums(NodeCommand command) {
    return new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true);
  }
}
