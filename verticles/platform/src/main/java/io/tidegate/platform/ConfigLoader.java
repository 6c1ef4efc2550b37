package io.tidegate.platform;

import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.source.yaml.YamlConfigSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/**
 * Reads the configuration and finds everything that is wrong with it at once: files in {@code
 * conf/}, over them environment variables ({@code TIDEGATE_} and the key: {@code
 * edge.max-body-bytes} is {@code TIDEGATE_EDGE_MAX_BODY_BYTES}; see {@link VariableNames}), over
 * them the command line. Unknown keys are errors. Binding is SmallRye Config's.
 */
public final class ConfigLoader {
  /** What stands for a secret's value wherever it would be shown. */
  public static final String MASK = "***";

  private static final String ENVIRONMENT = "environment";
  private static final Pattern SECRET =
      Pattern.compile("password|secret|write-keys|private|uri|kafka\\.properties");
  private static final Pattern CONVERSION =
      Pattern.compile(
          ".*?SRCFG00039: The config property (\\S+) with the config value \"(.*)\" threw an Exception"
              + " whilst being converted (.*)",
          Pattern.DOTALL);
  private static final Pattern MISSING =
      Pattern.compile(
          ".*?SRCFG000(?:14|40): The config property (\\S+) is (?:required|defined as the empty).*",
          Pattern.DOTALL);

  /** Told by {@link #expressions} already, and without the value. */
  private static final String EXPRESSION = "SRCFG00011: ";

  private final List<ConfigSection<?>> sections;
  private final KnownKeys known;
  private final List<Problem> problems = new ArrayList<>();
  private final Map<String, String> fileOf = new HashMap<>();
  private final Map<String, String> inFiles = new HashMap<>();
  private final Map<String, String> defaults = new HashMap<>();
  private Map<String, String> variableOf = Map.of();

  private ConfigLoader(List<ConfigSection<?>> sections) {
    this.sections = sections;
    Set<String> patterns = new TreeSet<>();
    for (ConfigSection<?> section : sections) {
      ConfigMappings.getProperties(ConfigClass.configClass(section.type()))
          .forEach(
              (pattern, property) -> {
                patterns.add(pattern);
                if (property.isLeaf() && property.asLeaf().hasDefaultValue()) {
                  defaults.put(pattern, property.asLeaf().getDefaultValue());
                }
              });
    }
    this.known = new KnownKeys(patterns);
  }

  /**
   * Loads and checks.
   *
   * @param files YAML files, later ones over earlier ones; a missing file counts as empty
   * @param environment the process's environment; only names that begin with {@code TIDEGATE_} are
   *     read
   * @param commandLine keys and values that win over all
   * @throws ConfigurationException with every problem found
   */
  public static Configuration load(
      List<Path> files,
      Map<String, String> environment,
      Map<String, String> commandLine,
      List<ConfigSection<?>> sections) {
    ConfigLoader loader = new ConfigLoader(sections);
    Configuration configuration =
        loader.read(
            files, environment, commandLine, () -> load(files, environment, commandLine, sections));
    if (!loader.problems.isEmpty()) {
      throw new ConfigurationException(loader.problems.stream().map(loader::named).toList());
    }
    return configuration;
  }

  /**
   * One section with its defaults and what is given; for tests and for programs that embed a part.
   */
  public static <T> T section(ConfigSection<T> section, Map<String, String> values) {
    return load(List.of(), Map.of(), values, List.of(section)).get(section.type());
  }

  /** The same without further checks. */
  public static <T> T section(Class<T> type, Map<String, String> values) {
    return section(ConfigSection.of(type), values);
  }

  private Configuration read(
      List<Path> files,
      Map<String, String> environment,
      Map<String, String> commandLine,
      Supplier<Configuration> again) {
    SmallRyeConfigBuilder builder =
        new SmallRyeConfigBuilder()
            .addDefaultInterceptors()
            .withConverter(Duration.class, 300, new Durations())
            .withDefaultValue(SmallRyeConfig.SMALLRYE_CONFIG_MAPPING_VALIDATE_UNKNOWN, "false");
    int ordinal = 200;
    for (Path file : files) {
      ConfigSource source = yaml(file, ordinal++);
      if (source != null) {
        builder.withSources(source);
        inFiles.putAll(source.getProperties());
        note(source.getPropertyNames(), String.valueOf(file.getFileName()));
      }
    }
    Map<String, String> fromEnvironment = environment(environment);
    builder.withSources(new PropertiesConfigSource(fromEnvironment, "environment", 300));
    note(commandLine.keySet(), "command line");
    builder.withSources(new PropertiesConfigSource(commandLine, "command line", 400));

    SmallRyeConfig config = builder.build();
    for (String name : new TreeSet<>(fileOf.keySet())) {
      if (!known.contains(name)) {
        // Nobody knows whether the value is a secret under a misspelt key.
        problems.add(new Problem(fileFor(name), name, MASK, known.suggestion(name)));
      }
    }
    expressions(config);
    Map<Class<?>, Object> mapped = new HashMap<>();
    for (ConfigSection<?> section : sections) {
      map(section, config, mapped);
    }
    Map<String, String> givenBy = new HashMap<>(fileOf);
    givenBy.replaceAll((key, file) -> file.equals(ENVIRONMENT) ? variableOf.get(key) : file);
    return new Configuration(mapped, givenBy, effective(config), files, again);
  }

  /** Every value in effect that is no secret, by key. */
  private Map<String, String> effective(SmallRyeConfig config) {
    Map<String, String> values = new HashMap<>(defaults);
    values.keySet().removeIf(key -> key.contains("*"));
    for (String name : fileOf.keySet()) {
      String value = config.getConfigValue(name).getValue();
      if (value != null) {
        values.put(name, value);
      }
    }
    values.keySet().removeIf(key -> SECRET.matcher(key).find());
    return values;
  }

  /** What variables set, by key. */
  private Map<String, String> environment(Map<String, String> environment) {
    variableOf = known.variables(environment, inFiles.keySet(), problems);
    Map<String, String> values = new HashMap<>();
    variableOf.forEach((key, variable) -> values.put(key, environment.getOrDefault(variable, "")));
    new ListElements(inFiles, defaults, variableOf, values, problems).merge();
    note(variableOf.keySet(), ENVIRONMENT);
    return values;
  }

  /**
   * Notes each <code>${...}</code> that stands for nothing. An optional value would otherwise be
   * left out without a word.
   */
  private void expressions(SmallRyeConfig config) {
    for (String name : new TreeSet<>(fileOf.keySet())) {
      ConfigValue value = config.getConfigValue(name);
      String raw = value.getRawValue();
      if (raw != null && value.getValue() == null && !standsAlsoElsewhere(name)) {
        problems.add(
            new Problem(
                fileFor(name),
                name,
                shown(name, raw),
                "for each ${...} a key that has a value, or a default as in ${key:default}; \\${ for"
                    + " the characters"));
      }
    }
  }

  /** A list in a file is there whole and by its elements, and one in the environment hides both. */
  private boolean standsAlsoElsewhere(String name) {
    return name.endsWith("]")
        ? ENVIRONMENT.equals(fileOf.get(name.substring(0, name.lastIndexOf('['))))
        : fileOf.containsKey(name + "[0]") && !ENVIRONMENT.equals(fileOf.get(name));
  }

  /** A problem of a key that a variable sets is the variable's. */
  private Problem named(Problem problem) {
    String variable = variableOf.get(problem.key());
    return variable == null || !problem.file().equals(ENVIRONMENT)
        ? problem
        : new Problem(problem.file(), variable, problem.value(), problem.expected());
  }

  private @Nullable ConfigSource yaml(Path file, int ordinal) {
    if (!Files.exists(file)) {
      return null;
    }
    String name = String.valueOf(file.getFileName());
    try {
      String text = Files.readString(file);
      YamlFault.requireMap(text);
      return new YamlConfigSource(name, text, ordinal);
    } catch (IOException e) {
      problems.add(new Problem(name, "(file)", "unreadable: " + e.getMessage(), "a readable file"));
    } catch (RuntimeException e) {
      problems.add(
          new Problem(name, "(file)", YamlFault.of(e), "valid YAML with a map at the top"));
    }
    return null;
  }

  private void note(Iterable<String> names, String file) {
    for (String name : names) {
      fileOf.put(name, file);
    }
  }

  private <T> void map(
      ConfigSection<T> section, SmallRyeConfig config, Map<Class<?>, Object> mapped) {
    try {
      ConfigMappings.registerConfigMappings(
          config, Set.of(ConfigClass.configClass(section.type())));
    } catch (ConfigValidationException e) {
      for (int i = 0; i < e.getProblemCount(); i++) {
        String message = e.getProblem(i).getMessage();
        if (!message.contains(EXPRESSION)) {
          problems.add(problem(message));
        }
      }
      return;
    }
    T value = config.getConfigMapping(section.type());
    Checks checks = new Checks(this::fileFor);
    section.check().accept(value, checks);
    problems.addAll(checks.problems());
    mapped.put(section.type(), value);
  }

  private Problem problem(String message) {
    Matcher conversion = CONVERSION.matcher(message);
    if (conversion.matches()) {
      String key = conversion.group(1);
      return new Problem(
          fileFor(key), key, shown(key, conversion.group(2)), expectation(conversion.group(3)));
    }
    Matcher missing = MISSING.matcher(message);
    if (missing.matches()) {
      String key = missing.group(1);
      return new Problem(fileFor(key), key, "", "a value");
    }
    return new Problem("configuration", "(unknown)", message, "a valid value");
  }

  /**
   * SmallRye's own words without its number: "SRCFG00029: Expected an integer value, got ..." says
   * what it wants.
   */
  private static String expectation(String words) {
    String plain = words.replaceAll("SRCFG\\d+: ", "").strip();
    int got = plain.indexOf(", got");
    if (plain.startsWith("Expected ") && got > 0) {
      return plain.substring("Expected ".length(), got);
    }
    int expected = plain.indexOf("(expected: ");
    return expected >= 0
        ? plain.substring(expected + "(expected: ".length(), plain.lastIndexOf(')'))
        : plain;
  }

  /** Where a key stands; for one that stands nowhere, where its nearest neighbours do. */
  private String fileFor(String key) {
    for (String prefix = key;
        !prefix.isEmpty();
        prefix = prefix.substring(0, Math.max(0, prefix.lastIndexOf('.')))) {
      String file = fileOf.get(prefix);
      if (file != null) {
        return file;
      }
      for (Map.Entry<String, String> noted : fileOf.entrySet()) {
        if (noted.getKey().startsWith(prefix + ".") || noted.getKey().startsWith(prefix + "[")) {
          return noted.getValue();
        }
      }
    }
    return "default";
  }

  static String shown(String key, @Nullable String value) {
    return SECRET.matcher(key).find() ? MASK : String.valueOf(value);
  }
}
