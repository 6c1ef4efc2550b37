package io.tidegate.routing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.smallrye.common.expression.Expression;
import io.tidegate.platform.ConfigurationException;
import io.tidegate.platform.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * routes.yaml: read, its {@code ${name:default}} expressions filled in, and checked whole. Blocks:
 * not for event loops.
 */
public final class RouteFile {
  private static final int MOST_BYTES = 4 << 20;

  private RouteFile() {}

  /** Everything that is wrong with the file, in its order; empty when it can be put in force. */
  public static List<Problem> check(Path file) {
    try {
      var unused = read(file);
      return List.of();
    } catch (ConfigurationException e) {
      return e.problems();
    }
  }

  /**
   * @throws ConfigurationException with all problems
   */
  static Checked read(Path file) {
    String name = String.valueOf(file.getFileName());
    byte[] bytes;
    try {
      bytes = Files.size(file) > MOST_BYTES ? new byte[0] : Files.readAllBytes(file);
      if (bytes.length == 0 && Files.size(file) > 0) {
        throw broken(
            new Problem(
                name, "file", Files.size(file) + " bytes", "at most " + MOST_BYTES + " bytes"));
      }
    } catch (NoSuchFileException e) {
      throw broken(new Problem(name, "file", file.toString(), "a file that exists"));
    } catch (IOException e) {
      throw broken(new Problem(name, "file", file.toString(), "a readable file; " + e));
    }
    return parse(name, bytes, RouteFile::variable);
  }

  /**
   * @param text YAML, and so JSON too
   * @param variables by name, null where not set; null itself for a text whose expressions were
   *     filled in before
   * @throws ConfigurationException with all problems
   */
  static Checked parse(
      String file, byte[] text, @Nullable Function<String, @Nullable String> variables) {
    List<Problem> problems = new ArrayList<>();
    JsonNode tree;
    try {
      tree = RoutesReader.YAML.readTree(new String(text, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      String where = e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")";
      throw broken(new Problem(file, "file", firstLine(e.getOriginalMessage()) + where, "YAML"));
    }
    if (!(tree instanceof ObjectNode)) {
      throw broken(
          new Problem(file, "file", firstLine(tree.toString()), "the keys upstreams and routes"));
    }
    JsonNode filledIn = filledIn(file, "", tree, variables, problems);
    RoutesYaml yaml = new RoutesReader(file, problems).read(filledIn);
    // With keys of the wrong type left out, further checks would blame the wrong ones.
    List<Rule> rules = RouteChecks.check(file, yaml, problems);
    if (!problems.isEmpty()) {
      throw new ConfigurationException(problems);
    }
    return new Checked(yaml, rules, filledIn);
  }

  /**
   * A file that can be put in force.
   *
   * @param rules one for each of {@code yaml.routes}, in its order
   * @param source with expressions filled in: what other nodes need, whose environment is another
   */
  record Checked(RoutesYaml yaml, List<Rule> rules, JsonNode source) {}

  private static JsonNode filledIn(
      String file,
      String key,
      JsonNode node,
      @Nullable Function<String, @Nullable String> variables,
      List<Problem> problems) {
    switch (node) {
      case ObjectNode object -> {
        for (var entry : object.properties()) {
          String below = key.isEmpty() ? entry.getKey() : key + "." + entry.getKey();
          entry.setValue(filledIn(file, below, entry.getValue(), variables, problems));
        }
      }
      case ArrayNode array -> {
        for (int i = 0; i < array.size(); i++) {
          array.set(i, filledIn(file, key + "[" + i + "]", array.get(i), variables, problems));
        }
      }
      case TextNode text when variables != null && text.textValue().contains("$") -> {
        return TextNode.valueOf(filledIn(file, key, text.textValue(), variables, problems));
      }
      case NullNode nothing ->
          problems.add(new Problem(file, key, "", "a value, or the key left out"));
      default -> {}
    }
    return node;
  }

  private static String filledIn(
      String file,
      String key,
      String text,
      Function<String, @Nullable String> variables,
      List<Problem> problems) {
    try {
      return Expression.compile(text, Expression.Flag.NO_TRIM, Expression.Flag.NO_RECURSE_KEY)
          .evaluate(
              (name, out) -> {
                String value = variables.apply(name.getKey());
                if (value != null) {
                  out.append(value);
                } else if (name.hasDefault()) {
                  name.expandDefault();
                } else {
                  problems.add(
                      new Problem(
                          file,
                          key,
                          text,
                          "a value for "
                              + name.getKey()
                              + " in the environment, or a default in it"));
                }
              });
    } catch (IllegalArgumentException e) {
      problems.add(
          new Problem(file, key, text, "${name} or ${name:default}; $$ for a dollar sign"));
      return text;
    }
  }

  /** A system property, else an environment variable: {@code a.b-c} is A_B_C there. */
  static @Nullable String variable(String name) {
    String property = System.getProperty(name);
    return property != null
        ? property
        : System.getenv(name.replaceAll("[^a-zA-Z0-9]", "_").toUpperCase(Locale.ROOT));
  }

  private static String firstLine(String text) {
    String line = text.lines().findFirst().orElse("");
    return line.length() <= 200 ? line : line.substring(0, 200) + "…";
  }

  private static ConfigurationException broken(Problem problem) {
    return new ConfigurationException(List.of(problem));
  }
}
