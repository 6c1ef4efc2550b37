package io.tidegate.platform;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The keys that the sections' mappings have, in which {@code *} stands for a name of the user's own
 * and {@code [*]} for an index; and the environment variables that mean them.
 */
final class KnownKeys {
  /** Read by the launcher script and by the development servers, not by us. */
  private static final Set<String> NOT_KEYS = Set.of("TIDEGATE_JAVA_OPTS", "TIDEGATE_CACHE");

  private final List<String> patterns;
  private final List<Pattern> names = new ArrayList<>();
  private final VariableNames variables;

  KnownKeys(Set<String> patterns) {
    this.patterns = List.copyOf(patterns);
    this.variables = new VariableNames(patterns);
    for (String pattern : this.patterns) {
      names.add(Pattern.compile(regex(pattern)));
    }
  }

  private static String regex(String pattern) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      switch (c) {
        case '*' ->
            regex.append(regex.toString().endsWith("\\[") ? "\\d+" : "(?:[^.\\[\\]]+|\"[^\"]+\")");
        case '.', '[', ']' -> regex.append('\\').append(c);
        default -> regex.append(c);
      }
    }
    return regex.toString();
  }

  boolean contains(String key) {
    return names.stream().anyMatch(name -> name.matcher(key).matches());
  }

  /** What to say was expected instead of an unknown key: the nearest known one. */
  String suggestion(String key) {
    String nearest = nearest(key, pattern -> pattern);
    return distance(key, nearest) <= Math.max(2, key.length() / 3)
        ? "a known key; did you mean " + nearest + "?"
        : "a known key";
  }

  private String suggestionFor(String variable) {
    Function<String, String> written =
        pattern -> VariableNames.of(pattern.replace("[*]", "[0]").replace("*", "name"));
    String nearest = written.apply(nearest(variable, written));
    return "TIDEGATE_ and a known key in capitals, "
        + (distance(variable, nearest) <= 3
            ? "did you mean " + nearest + "?"
            : "such as " + VariableNames.of("edge.port"));
  }

  /**
   * The keys that environment variables set, with the variable; those that mean none are problems.
   */
  Map<String, String> variables(
      Map<String, String> environment, Set<String> inFiles, List<Problem> problems) {
    VariableNames.Names inFile = new VariableNames.Names();
    inFiles.forEach(key -> inFile.add(VariableNames.parts(key)));
    Map<String, String> variableOf = new TreeMap<>();
    for (String variable : new TreeMap<>(environment).keySet()) {
      if (!variable.startsWith(VariableNames.PREFIX) || NOT_KEYS.contains(variable)) {
        continue;
      }
      List<String> keys =
          variables.keysOf(variable, inFile).stream().map(VariableNames::key).toList();
      if (keys.size() == 1) {
        String other = variableOf.putIfAbsent(keys.getFirst(), variable);
        if (other != null) {
          problems.add(refused(variable, "only one variable for a key, and " + other + " is set"));
        }
      } else if (keys.isEmpty()) {
        problems.add(refused(variable, suggestionFor(variable)));
      } else {
        problems.add(refused(variable, "a variable that can't mean " + String.join(" and ", keys)));
      }
    }
    return variableOf;
  }

  /** Nobody knows whether the value is a secret. */
  private static Problem refused(String variable, String expected) {
    return new Problem("environment", variable, ConfigLoader.MASK, expected);
  }

  private String nearest(String word, Function<String, String> written) {
    String nearest = "";
    int least = Integer.MAX_VALUE;
    for (String pattern : patterns) {
      int distance = distance(word, written.apply(pattern));
      if (distance < least) {
        least = distance;
        nearest = pattern;
      }
    }
    return nearest;
  }

  /** Levenshtein's edit distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
