package io.tidegate.platform;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The keys that the sections' mappings have, in which {@code *} stands for a name of the user's
 * own; and the environment variables that mean them.
 */
final class KnownKeys {
  private static final String PREFIX = "TIDEGATE_";

  /** Read by the launcher script and by the development servers, not by us. */
  private static final Set<String> NOT_KEYS = Set.of("TIDEGATE_JAVA_OPTS", "TIDEGATE_CACHE");

  private final List<String> patterns;
  private final List<Pattern> names = new ArrayList<>();
  private final Map<String, Pattern> variables = new TreeMap<>();

  KnownKeys(Set<String> patterns) {
    this.patterns = List.copyOf(patterns);
    for (String pattern : this.patterns) {
      names.add(Pattern.compile(regex(pattern, "[^.\\[\\]]+|\"[^\"]+\"")));
      if (!pattern.contains("[")) {
        variables.put(pattern, Pattern.compile(variable(pattern).replace("*", "(.+)")));
      }
    }
  }

  private static String regex(String pattern, String name) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      switch (c) {
        case '*' -> regex.append(regex.toString().endsWith("\\[") ? "\\d+" : "(?:" + name + ")");
        case '.', '[', ']' -> regex.append('\\').append(c);
        default -> regex.append(c);
      }
    }
    return regex.toString();
  }

  private static String variable(String key) {
    return PREFIX + key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9*]", "_");
  }

  boolean contains(String key) {
    return names.stream().anyMatch(name -> name.matcher(key).matches());
  }

  /** What to say was expected instead of an unknown key: the nearest known one. */
  String suggestion(String key) {
    String nearest = "";
    int least = Integer.MAX_VALUE;
    for (String pattern : patterns) {
      int distance = distance(key, pattern);
      if (distance < least) {
        least = distance;
        nearest = pattern;
      }
    }
    return least <= Math.max(2, key.length() / 3)
        ? "a known key; did you mean " + nearest + "?"
        : "a known key";
  }

  /** The keys that environment variables set; those that mean none are problems. */
  Map<String, String> keysOf(
      Map<String, String> environment, Set<String> inFiles, List<Problem> problems) {
    Map<String, String> keys = new HashMap<>();
    environment.forEach(
        (variable, value) -> {
          if (!variable.startsWith(PREFIX) || NOT_KEYS.contains(variable)) {
            return;
          }
          @Nullable String key = keyOf(variable, inFiles);
          if (key == null) {
            problems.add(
                new Problem(
                    "environment",
                    variable,
                    ConfigLoader.MASK,
                    "TIDEGATE_ and a known key in capitals, such as " + variable("edge.port")));
          } else {
            keys.put(key, value);
          }
        });
    return keys;
  }

  private @Nullable String keyOf(String variable, Set<String> inFiles) {
    for (Map.Entry<String, Pattern> entry : variables.entrySet()) {
      Matcher matcher = entry.getValue().matcher(variable);
      if (matcher.matches()) {
        // A name of the user's own keeps the spelling it has in a file; else it is lower case with
        // hyphens.
        for (String inFile : inFiles) {
          if (variable(inFile).equals(variable)) {
            return inFile;
          }
        }
        String key = entry.getKey();
        for (int group = 1; group <= matcher.groupCount(); group++) {
          String name = matcher.group(group).toLowerCase(Locale.ROOT).replace('_', '-');
          key = key.replaceFirst("\\*", Matcher.quoteReplacement(name));
        }
        return key;
      }
    }
    return null;
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
