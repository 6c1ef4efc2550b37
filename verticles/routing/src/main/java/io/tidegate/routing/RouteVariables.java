package io.tidegate.routing;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.smallrye.config.common.utils.StringUtil;
import io.tidegate.platform.ConfigLoader;
import io.tidegate.platform.Problem;
import io.tidegate.platform.VariableNames;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Environment variables over routes.yaml: {@code upstreams.sample.answer-timeout} is {@code
 * TIDEGATE_UPSTREAMS_SAMPLE_ANSWER_TIMEOUT}, {@code upstreams.sample.endpoints[0]} is {@code
 * TIDEGATE_UPSTREAMS_SAMPLE_ENDPOINTS_0_}, and the whole list is {@code ..._ENDPOINTS}, with
 * commas. Upstreams and routes are named, never counted, and must stand in the file: a variable
 * changes them, the file says which there are. A value counts as it is, without expressions.
 */
final class RouteVariables {
  /** All keys with the type of their values; {@code *} for names, {@code [*]} for an index. */
  private static final Map<List<String>, Class<?>> KEYS = new LinkedHashMap<>();

  static {
    addKeys("", RoutesReader.YAML.constructType(RoutesYaml.class));
  }

  private static final VariableNames NAMES =
      new VariableNames(KEYS.keySet().stream().map(VariableNames::key).toList());

  private final Map<String, String> environment = new TreeMap<>();
  private final List<Setting> settings = new ArrayList<>();

  /** A key that a variable sets. */
  private record Setting(String variable, List<String> parts, String value) {
    String key() {
      return RouteVariables.key(parts);
    }

    boolean isElement() {
      return parts.getLast().startsWith("[");
    }

    int index() {
      String last = parts.getLast();
      return isElement() ? Integer.parseInt(last.substring(1, last.length() - 1)) : -1;
    }
  }

  RouteVariables(Map<String, String> environment) {
    environment.forEach(
        (variable, value) -> {
          if (isOne(variable)) {
            this.environment.put(variable, value);
          }
        });
  }

  static boolean isOne(String variable) {
    return variable.startsWith("TIDEGATE_UPSTREAMS_") || variable.startsWith("TIDEGATE_ROUTES_");
  }

  private static void addKeys(String key, JavaType type) {
    if (type.isMapLikeType()) {
      addKeys(key + ".*", type.getContentType());
    } else if (type.isCollectionLikeType()) {
      KEYS.put(VariableNames.parts(key), List.class);
      KEYS.put(VariableNames.parts(key + "[*]"), type.getContentType().getRawClass());
    } else if (type.getRawClass().getName().startsWith(RoutesYaml.class.getName())) {
      RoutesReader.YAML
          .getDeserializationConfig()
          .introspect(type)
          .findProperties()
          .forEach(
              property ->
                  addKeys(
                      (key.isEmpty() ? "" : key + ".") + property.getName(),
                      property.getPrimaryType()));
    } else {
      KEYS.put(VariableNames.parts(key), type.getRawClass());
    }
  }

  /** Sets the keys in the tree. */
  void set(String file, ObjectNode tree, List<Problem> problems) {
    VariableNames.Names inFile = new VariableNames.Names();
    addNames(List.of(), tree, inFile);
    environment.forEach(
        (variable, value) -> {
          List<List<String>> meant = NAMES.keysOf(variable, inFile);
          if (meant.size() > 1) {
            String keys =
                meant.stream().map(RouteVariables::key).collect(Collectors.joining(" and "));
            refuse(variable, "a variable that can't mean " + keys, problems);
          } else if (meant.isEmpty() || !isThere(meant.getFirst(), tree)) {
            refuse(variable, known(file, variable, tree), problems);
          } else {
            settings.add(new Setting(variable, meant.getFirst(), value));
          }
        });
    // A whole list first, then its elements from the first on.
    settings.sort(Comparator.comparingInt(Setting::index));
    settings.forEach(setting -> set(file, setting, tree, problems));
  }

  private static void addNames(List<String> parts, JsonNode node, VariableNames.Names names) {
    for (var entry : node.properties()) {
      List<String> below = new ArrayList<>(parts);
      below.add(entry.getKey());
      names.add(below);
      addNames(below, entry.getValue(), names);
    }
  }

  private static boolean isThere(List<String> parts, ObjectNode tree) {
    return tree.path(parts.get(0)).has(parts.get(1));
  }

  private static String known(String file, String variable, ObjectNode tree) {
    String kind = variable.startsWith("TIDEGATE_ROUTES_") ? "routes" : "upstreams";
    String names =
        StreamSupport.stream(
                ((Iterable<String>) () -> tree.path(kind).fieldNames()).spliterator(), false)
            .map(name -> VariableNames.of(kind + "." + name) + "_")
            .limit(8)
            .collect(Collectors.joining(" or "));
    return names.isEmpty()
        ? kind + " in " + file + " to set a key of"
        : names + " and a key in capitals, such as ANSWER_TIMEOUT";
  }

  private static void refuse(String variable, String expected, List<Problem> problems) {
    // Nobody knows whether the value is a secret.
    problems.add(new Problem("environment", variable, ConfigLoader.MASK, expected));
  }

  private void set(String file, Setting setting, ObjectNode tree, List<Problem> problems) {
    List<String> parts = setting.parts();
    String value = setting.value();
    Class<?> type = type(parts);
    if (value.isEmpty() && type != List.class && (type != String.class || setting.isElement())) {
      problems.add(new Problem("environment", setting.variable(), "", "a value"));
      return;
    }
    int last = parts.size() - (setting.isElement() ? 2 : 1);
    ObjectNode at = objectOf(parts.subList(0, last), tree);
    if (at == null) {
      return; // a key above has the wrong type, which is told when the tree is read
    }
    if (setting.isElement()) {
      element(file, setting, at.get(parts.get(last)), problems);
    } else if (type == List.class) {
      ArrayNode list = at.putArray(parts.get(last));
      for (String element : StringUtil.split(value)) {
        list.add(text(element));
      }
    } else {
      at.set(parts.get(last), text(value));
    }
  }

  private static void element(
      String file, Setting setting, @Nullable JsonNode node, List<Problem> problems) {
    if (!(node instanceof ArrayNode list)) {
      String whole = key(setting.parts().subList(0, setting.parts().size() - 1));
      problems.add(
          new Problem(
              "environment",
              setting.variable(),
              setting.value(),
              "a list in " + file + ", or all of it by " + VariableNames.of(whole)));
    } else if (setting.index() > list.size()) {
      problems.add(
          new Problem(
              "environment",
              setting.variable(),
              setting.value(),
              "an index of 0 to " + list.size() + ", as the list has no more elements before it"));
    } else if (setting.index() == list.size()) {
      list.add(text(setting.value()));
    } else {
      list.set(setting.index(), text(setting.value()));
    }
  }

  private static TextNode text(String value) {
    return TextNode.valueOf(Expressions.quoted(value));
  }

  /** The object of a key, made where it is not there. */
  private static @Nullable ObjectNode objectOf(List<String> parts, ObjectNode tree) {
    ObjectNode at = tree;
    for (String part : parts) {
      JsonNode below = at.get(part);
      if (below == null || below.isNull()) {
        at = at.putObject(part);
      } else if (below instanceof ObjectNode object) {
        at = object;
      } else {
        return null;
      }
    }
    return at;
  }

  private static @Nullable Class<?> type(List<String> parts) {
    for (Map.Entry<List<String>, Class<?>> known : KEYS.entrySet()) {
      if (matches(known.getKey(), parts)) {
        return known.getValue();
      }
    }
    return null;
  }

  private static boolean matches(List<String> pattern, List<String> parts) {
    if (pattern.size() != parts.size()) {
      return false;
    }
    for (int i = 0; i < parts.size(); i++) {
      String wanted = pattern.get(i);
      boolean index = parts.get(i).startsWith("[");
      if (!(wanted.equals("[*]") ? index : wanted.equals("*") || wanted.equals(parts.get(i)))) {
        return false;
      }
    }
    return true;
  }

  /** A problem of what a variable set is the variable's. */
  Problem named(Problem problem) {
    for (Setting setting : settings) {
      String key = setting.key();
      boolean below = key.startsWith(problem.key() + ".") || key.startsWith(problem.key() + "[");
      if (key.equals(problem.key())
          || problem.key().startsWith(key + "[")
          || (below && setting.value().equals(problem.value()))
          || key.equals(problem.key() + "." + problem.value())) {
        return new Problem("environment", setting.variable(), problem.value(), problem.expected());
      }
    }
    return problem;
  }

  /** As problems name keys: without quotes around names with dots. */
  private static String key(List<String> parts) {
    return String.join(".", parts).replace(".[", "[");
  }
}
