package io.tidegate.platform;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which key an environment variable means: MicroProfile Config's rule read backwards. A key's
 * variable is {@code TIDEGATE_} and the key in capitals, each other character an underscore: {@code
 * edge.max-body-bytes} is {@code TIDEGATE_EDGE_MAX_BODY_BYTES}, and {@code projection.tags[0].when}
 * is {@code TIDEGATE_PROJECTION_TAGS_0__WHEN}.
 *
 * <p>A key is a list of its parts here: {@code projection, tags, [0], when}. Where a part is a name
 * of the user's own, a variable means a name that stands in a file, in the file's spelling; else a
 * new one in lower case with hyphens.
 */
public final class VariableNames {
  public static final String PREFIX = "TIDEGATE_";

  private static final int LONGEST = 512;
  private static final Pattern PART = Pattern.compile("\\[(?:\\d+|\\*)]|\"[^\"]*\"|[^.\\[\\]\"]+");
  private static final Pattern INDEX = Pattern.compile("_(0|[1-9]\\d{0,3})_");
  private static final Pattern NEW_NAME = Pattern.compile("[A-Za-z0-9]+(_[A-Za-z0-9]+)*");

  private final List<List<String>> patterns;

  /**
   * @param patterns all keys there are; {@code *} for a name of the user's own, {@code [*]} for an
   *     index
   */
  public VariableNames(Collection<String> patterns) {
    this.patterns = patterns.stream().sorted().map(VariableNames::parts).toList();
  }

  /** A key's variable. */
  public static String of(String key) {
    return PREFIX + key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
  }

  /** A key's parts: {@code a."b.c"[0]} is {@code a, b.c, [0]}. */
  public static List<String> parts(String key) {
    List<String> parts = new ArrayList<>();
    Matcher matcher = PART.matcher(key);
    while (matcher.find()) {
      parts.add(matcher.group().replace("\"", ""));
    }
    return parts;
  }

  /** A key of its parts. */
  public static String key(List<String> parts) {
    StringBuilder key = new StringBuilder();
    for (String part : parts) {
      if (!part.startsWith("[")) {
        key.append(key.isEmpty() ? "" : ".");
      }
      key.append(part.contains(".") ? "\"" + part + "\"" : part);
    }
    return key.toString();
  }

  /**
   * The keys that a variable may mean: none when it is unknown, and several only when names of the
   * file differ in nothing that a variable's name can show.
   */
  public List<List<String>> keysOf(String variable, Names inFile) {
    if (!variable.startsWith(PREFIX) || variable.length() > LONGEST) {
      return List.of();
    }
    List<Meaning> found = new ArrayList<>();
    for (List<String> pattern : patterns) {
      new Reading(variable.substring(PREFIX.length()), pattern, found)
          .from(0, 0, inFile, Meaning.NONE);
    }
    return found.stream()
        .min(Meaning.BEST)
        .map(
            best ->
                found.stream()
                    .filter(meaning -> Meaning.BEST.compare(meaning, best) == 0)
                    .map(Meaning::parts)
                    .distinct()
                    .toList())
        .orElse(List.of());
  }

  /** The names in a file, below one another. */
  public static final class Names {
    private final Map<String, Names> below = new TreeMap<>();

    /** Adds a key that stands in the file. */
    public void add(List<String> parts) {
      Names at = this;
      for (String part : parts) {
        at = at.below.computeIfAbsent(part, name -> new Names());
      }
    }
  }

  /**
   * What a variable may mean.
   *
   * @param known how many names of the user's own stand in the file
   * @param fresh those that do not
   */
  private record Meaning(List<String> parts, int known, int literals, List<String> fresh) {
    static final Meaning NONE = new Meaning(List.of(), 0, 0, List.of());

    static final Comparator<Meaning> BEST =
        Comparator.<Meaning>comparingInt(meaning -> -meaning.known)
            .thenComparingInt(meaning -> -meaning.literals)
            .thenComparingInt(meaning -> meaning.fresh.size())
            .thenComparingInt(
                meaning -> meaning.fresh.isEmpty() ? 0 : meaning.fresh.getFirst().length());

    Meaning literal(String part) {
      return new Meaning(and(parts, part), known, literals + 1, fresh);
    }

    Meaning index(String part) {
      return new Meaning(and(parts, part), known, literals, fresh);
    }

    Meaning known(String part) {
      return new Meaning(and(parts, part), known + 1, literals, fresh);
    }

    Meaning fresh(String part) {
      return new Meaning(and(parts, part), known, literals, and(fresh, part));
    }

    private static List<String> and(List<String> parts, String part) {
      List<String> longer = new ArrayList<>(parts);
      longer.add(part);
      return List.copyOf(longer);
    }
  }

  /** One variable read by one pattern, in all the ways there are. */
  private record Reading(String text, List<String> pattern, List<Meaning> found) {
    void from(int at, int part, @Nullable Names names, Meaning soFar) {
      if (part == pattern.size()) {
        if (at == text.length()) {
          found.add(soFar);
        }
        return;
      }
      String wanted = pattern.get(part);
      switch (wanted) {
        case "[*]" -> {
          Matcher index = INDEX.matcher(text).region(at, text.length());
          if (index.lookingAt()) {
            String element = "[" + index.group(1) + "]";
            from(index.end(), part + 1, below(names, element), soFar.index(element));
          }
        }
        case "*" -> name(at, part, names, soFar);
        default -> {
          String written = (part == 0 ? "" : "_") + written(wanted);
          if (text.startsWith(written, at)) {
            from(at + written.length(), part + 1, below(names, wanted), soFar.literal(wanted));
          }
        }
      }
    }

    private void name(int at, int part, @Nullable Names names, Meaning soFar) {
      if (!text.startsWith("_", at)) {
        return;
      }
      if (names != null) {
        names.below.forEach(
            (name, below) -> {
              // The rule counts the quotes around a name with dots; nobody would think of them.
              for (String form : List.of(written(name), written("\"" + name + "\""))) {
                if (text.startsWith(form, at + 1)) {
                  from(at + 1 + form.length(), part + 1, below, soFar.known(name));
                }
              }
            });
      }
      for (int end = at + 2; end <= text.length(); end++) {
        String written = text.substring(at + 1, end);
        if (NEW_NAME.matcher(written).matches() && !isIn(names, written)) {
          String name = written.toLowerCase(Locale.ROOT).replace('_', '-');
          from(end, part + 1, null, soFar.fresh(name));
        }
      }
    }

    private static boolean isIn(@Nullable Names names, String written) {
      return names != null
          && names.below.keySet().stream().anyMatch(name -> written(name).equals(written));
    }

    private static @Nullable Names below(@Nullable Names names, String part) {
      return names == null ? null : names.below.get(part);
    }

    private static String written(String part) {
      return of(part).substring(PREFIX.length());
    }
  }
}
