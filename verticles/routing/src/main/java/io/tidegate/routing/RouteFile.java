package io.tidegate.routing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.tidegate.platform.ConfigLoader;
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
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * routes.yaml under the environment's variables ({@link RouteVariables}): read, its {@code
 * ${name:default}} expressions filled in, and checked whole. Blocks: not for event loops.
 */
public final class RouteFile {
  private static final int MOST_BYTES = 4 << 20;
  private static final Pattern SECRET =
      Pattern.compile(
          "routes\\..+\\.(headers|(request|response)-headers\\.(set|add))\\..+"
              + "|TIDEGATE_ROUTES_.+_HEADERS_(?!REMOVE).+");

  private final Path path;
  private final Map<String, String> environment;

  /**
   * @param environment the process's; counts again at each read
   */
  public RouteFile(Path path, Map<String, String> environment) {
    this.path = path;
    this.environment = Map.copyOf(environment);
  }

  /** Whether an environment variable is for this file, known or not. */
  public static boolean isVariable(String name) {
    return RouteVariables.isOne(name);
  }

  Path path() {
    return path;
  }

  /** Everything that is wrong with the file, in its order; empty when it can be put in force. */
  public List<Problem> check() {
    try {
      var unused = read();
      return List.of();
    } catch (ConfigurationException e) {
      return e.problems();
    }
  }

  /**
   * The file as nodes hand it to each other: under this node's variables, in JSON.
   *
   * @throws ConfigurationException with all problems
   */
  ByteString document() {
    try {
      return ByteString.copyFrom(RoutesReader.JSON.writeValueAsBytes(read().source()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree that was read could not be written", e);
    }
  }

  /**
   * @throws ConfigurationException with all problems
   */
  Checked read() {
    String name = String.valueOf(path.getFileName());
    byte[] bytes;
    try {
      bytes = Files.size(path) > MOST_BYTES ? new byte[0] : Files.readAllBytes(path);
      if (bytes.length == 0 && Files.size(path) > 0) {
        throw broken(
            new Problem(
                name, "file", Files.size(path) + " bytes", "at most " + MOST_BYTES + " bytes"));
      }
    } catch (NoSuchFileException e) {
      throw broken(new Problem(name, "file", path.toString(), "a file that exists"));
    } catch (IOException e) {
      throw broken(new Problem(name, "file", path.toString(), "a readable file; " + e));
    }
    return parse(name, bytes, environment);
  }

  /**
   * @param text YAML, and so JSON too
   * @param environment null for a text that was under one before
   * @throws ConfigurationException with all problems
   */
  static Checked parse(String file, byte[] text, @Nullable Map<String, String> environment) {
    List<Problem> problems = new ArrayList<>();
    JsonNode tree;
    try {
      tree = RoutesReader.YAML.readTree(new String(text, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      String where = e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")";
      throw broken(new Problem(file, "file", firstLine(e.getOriginalMessage()) + where, "YAML"));
    }
    if (!(tree instanceof ObjectNode top)) {
      String type = tree.getNodeType().toString().toLowerCase(Locale.ROOT);
      throw broken(new Problem(file, "file", type, "the keys upstreams and routes"));
    }
    RouteVariables variables = new RouteVariables(environment == null ? Map.of() : environment);
    variables.set(file, top, problems);
    JsonNode filledIn =
        environment == null
            ? top
            : new Expressions(file, name -> variable(name, environment), problems).in("", top);
    RoutesYaml yaml = new RoutesReader(file, problems).read(filledIn);
    // With keys of the wrong type left out, further checks would blame the wrong ones.
    List<Rule> rules = RouteChecks.check(file, yaml, problems);
    if (!problems.isEmpty()) {
      throw new ConfigurationException(
          problems.stream().map(variables::named).map(RouteFile::masked).toList());
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

  /** Headers may hold credentials, and so may the URL of an endpoint that is refused for it. */
  private static Problem masked(Problem problem) {
    String value =
        isSecret(problem.key())
            ? ConfigLoader.MASK
            : problem.value().replaceAll("//.*@", "//" + ConfigLoader.MASK + "@");
    return new Problem(problem.file(), problem.key(), value, problem.expected());
  }

  /** Whether a key's value must not be shown. */
  static boolean isSecret(String key) {
    return SECRET.matcher(key).matches();
  }

  /** A system property, else an environment variable: {@code a.b-c} is A_B_C there. */
  private static @Nullable String variable(String name, Map<String, String> environment) {
    String property = System.getProperty(name);
    return property != null
        ? property
        : environment.get(name.replaceAll("[^a-zA-Z0-9]", "_").toUpperCase(Locale.ROOT));
  }

  private static String firstLine(String text) {
    String line = text.lines().findFirst().orElse("");
    return line.length() <= 200 ? line : line.substring(0, 200) + "…";
  }

  private static ConfigurationException broken(Problem problem) {
    return new ConfigurationException(List.of(problem));
  }
}
