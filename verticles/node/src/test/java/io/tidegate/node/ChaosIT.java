package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** The fault harness itself, on two nodes: one is killed and comes back. */
class ChaosIT {
  @Test
  void aKilledNodeLosesNothingThatWasAcknowledged() {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Tidegate.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute("chaos", "--nodes", "2", "--rate", "48", "--only", "kill-node-2");
    assertThat(out.toString())
        .as(err.toString())
        .containsPattern("kill-node-2 +[0-9.]+ +[1-9][0-9]* +0 +0 ");
    assertThat(err.toString()).contains("node 2 killed", "node 2 is back");
    assertThat(code).as(out.toString()).isEqualTo(out.toString().contains("WRONG") ? 1 : 0);
  }
}
