package io.tidegate.platform;

import io.smallrye.config.common.utils.StringUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Lists of which the environment sets single elements. An element counts over the list below it,
 * whose other elements stay: a list set whole by another variable, else the file's, else the
 * default. The index after the last adds an element; one beyond it is a problem, since the list
 * would close up and the index mean another.
 */
final class ListElements {
  private static final Pattern ELEMENT = Pattern.compile("(.*?)\\[(\\d+)](.*)");

  private final Map<String, String> inFiles;
  private final Map<String, String> defaults;
  private final Map<String, String> variableOf;
  private final Map<String, String> values;
  private final List<Problem> problems;

  /**
   * @param inFiles keys and values of the files
   * @param defaults of lists, elements separated by commas
   * @param variableOf the keys that variables set; gets the lists' own keys too
   * @param values what the variables set, by key; elements of plain values become whole lists
   */
  ListElements(
      Map<String, String> inFiles,
      Map<String, String> defaults,
      Map<String, String> variableOf,
      Map<String, String> values,
      List<Problem> problems) {
    this.inFiles = inFiles;
    this.defaults = defaults;
    this.variableOf = variableOf;
    this.values = values;
    this.problems = problems;
  }

  void merge() {
    // By list, then index, the keys that are set: {projection.tags={0=[projection.tags[0].when]}}.
    Map<String, Map<Integer, List<String>>> lists = new TreeMap<>();
    for (String key : variableOf.keySet()) {
      Matcher element = ELEMENT.matcher(key);
      if (element.matches()) {
        lists
            .computeIfAbsent(element.group(1), list -> new TreeMap<>())
            .computeIfAbsent(Integer.valueOf(element.group(2)), index -> new ArrayList<>())
            .add(key);
      }
    }
    lists.forEach(
        (list, elements) -> {
          if (elements.values().iterator().next().getFirst().endsWith("]")) {
            plain(list, elements);
          } else {
            check(elements, sizeInFiles(list));
          }
        });
  }

  private void plain(String list, Map<Integer, List<String>> elements) {
    List<String> whole = whole(list);
    check(elements, whole.size());
    elements.forEach(
        (index, keys) -> {
          String key = keys.getFirst();
          String value = values.getOrDefault(key, "");
          values.remove(key);
          if (value.isEmpty()) {
            refuse(key, value, "a value");
          } else if (index < whole.size()) {
            whole.set(index, value);
          } else {
            whole.add(value);
          }
          variableOf.putIfAbsent(list, variableOf.getOrDefault(key, key));
        });
    // Whole, since a list's own key in the environment wins over the elements in a file.
    values.put(list, whole.stream().map(ListElements::escaped).collect(Collectors.joining(",")));
  }

  private List<String> whole(String list) {
    String below = values.get(list);
    if (below == null) {
      below = inFiles.getOrDefault(list, defaults.getOrDefault(list, ""));
    }
    return new ArrayList<>(List.of(StringUtil.split(below)));
  }

  private int sizeInFiles(String list) {
    int size = 0;
    while (isInFiles(list + "[" + size + "]")) {
      size++;
    }
    return size;
  }

  private boolean isInFiles(String element) {
    return inFiles.keySet().stream().anyMatch(key -> key.startsWith(element));
  }

  private void check(Map<Integer, List<String>> elements, int size) {
    int next = size;
    for (Map.Entry<Integer, List<String>> element : elements.entrySet()) {
      if (element.getKey() > next) {
        String expected =
            "an index of 0 to " + next + ", as the list has no more elements before it";
        element.getValue().forEach(key -> refuse(key, values.getOrDefault(key, ""), expected));
      } else {
        next = Math.max(next, element.getKey() + 1);
      }
    }
  }

  private void refuse(String key, String value, String expected) {
    problems.add(
        new Problem(
            "environment",
            variableOf.getOrDefault(key, key),
            ConfigLoader.shown(key, value),
            expected));
  }

  /** As lists in one text are written; what would end an expression's escape stays. */
  private static String escaped(String element) {
    return element.replaceAll("\\\\(?!\\$)", "\\\\\\\\").replace(",", "\\,");
  }
}
