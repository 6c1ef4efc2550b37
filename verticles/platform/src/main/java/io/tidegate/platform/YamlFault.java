package io.tidegate.platform;

import java.io.StringReader;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/**
 * What is wrong with a file that is no YAML: the line and the parser's reason. The parser's whole
 * message quotes the line, which may hold a password.
 */
final class YamlFault {
  /** Reasons that end in a word of the file. */
  private static final Pattern QUOTING =
      Pattern.compile(
          "(undefined alias|undefined tag handle|for the tag|duplicate key|duplicate tag handle)\\b.*",
          Pattern.DOTALL);

  private YamlFault() {}

  /**
   * Refuses what holds no keys, which would else count as empty.
   *
   * @throws YAMLException when it is not empty and no map at the top, or no YAML
   */
  static void requireMap(String text) {
    Node top = new Yaml().compose(new StringReader(text));
    if (top != null && !(top instanceof MappingNode)) {
      throw new YAMLException("a " + top.getNodeId() + " at the top");
    }
  }

  static String of(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof MarkedYAMLException marked) {
        Mark mark = marked.getProblemMark();
        String reason = QUOTING.matcher(String.valueOf(marked.getProblem())).replaceAll("$1 ***");
        return (mark == null ? "" : "line " + (mark.getLine() + 1) + ": ")
            + reason.strip().replaceAll("\\s+", " ");
      }
    }
    return "no map of keys";
  }
}
