package io.tidegate.routing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.smallrye.common.expression.Expression;
import io.tidegate.platform.Problem;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The {@code ${name:default}} in the texts of a file, filled in. */
final class Expressions {
  private final String file;
  private final Function<String, @Nullable String> values;
  private final List<Problem> problems;

  /**
   * @param values by name, null where there is none
   * @param problems where to note what is wrong
   */
  Expressions(String file, Function<String, @Nullable String> values, List<Problem> problems) {
    this.file = file;
    this.values = values;
    this.problems = problems;
  }

  /** A text that comes out of {@link #in} as it is. */
  static String quoted(String text) {
    return text.replace("$", "$$");
  }

  /** The node with all its texts filled in; changes what is in it. */
  JsonNode in(String key, JsonNode node) {
    switch (node) {
      case ObjectNode object -> {
        for (var entry : object.properties()) {
          String below = key.isEmpty() ? entry.getKey() : key + "." + entry.getKey();
          entry.setValue(in(below, entry.getValue()));
        }
      }
      case ArrayNode array -> {
        for (int i = 0; i < array.size(); i++) {
          array.set(i, in(key + "[" + i + "]", array.get(i)));
        }
      }
      case TextNode text when text.textValue().contains("$") -> {
        return TextNode.valueOf(in(key, text.textValue()));
      }
      case NullNode nothing ->
          problems.add(new Problem(file, key, "", "a value, or the key left out"));
      default -> {}
    }
    return node;
  }

  private String in(String key, String text) {
    try {
      return Expression.compile(text, Expression.Flag.NO_TRIM, Expression.Flag.NO_RECURSE_KEY)
          .evaluate(
              (name, out) -> {
                String value = values.apply(name.getKey());
                if (value != null) {
                  out.append(value);
                } else if (name.hasDefault()) {
                  name.expandDefault();
                } else {
                  // In a secret, even the name may be a part of it.
                  String what = RouteFile.isSecret(key) ? "each ${...}" : name.getKey();
                  problems.add(
                      new Problem(
                          file,
                          key,
                          text,
                          "a value for " + what + " in the environment, or a default in it"));
                }
              });
    } catch (IllegalArgumentException e) {
      problems.add(
          new Problem(file, key, text, "${name} or ${name:default}; $$ for a dollar sign"));
      return text;
    }
  }
}
