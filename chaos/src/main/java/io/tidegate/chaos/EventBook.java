package io.tidegate.chaos;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The message ids that were acknowledged, to be held against the rows there are. */
final class EventBook {
  private static final int SHOWN = 5;

  private final Set<String> acknowledged = new HashSet<>();

  /**
   * What a comparison shows.
   *
   * @param lost acknowledged and not there
   * @param duplicated there more than once, acknowledged or not
   * @param examples a few of the ids that are wrong
   */
  record Balance(int acknowledged, int lost, int duplicated, List<String> examples) {}

  synchronized void acknowledge(String messageId) {
    acknowledged.add(messageId);
  }

  synchronized int acknowledged() {
    return acknowledged.size();
  }

  /**
   * Compares with the rows.
   *
   * @param rows how many rows there are of each message id. One that was never acknowledged may be
   *     there, once: its answer got lost.
   */
  synchronized Balance against(Map<String, Integer> rows) {
    List<String> lost = acknowledged.stream().filter(id -> !rows.containsKey(id)).toList();
    List<String> duplicated =
        rows.entrySet().stream().filter(row -> row.getValue() > 1).map(Map.Entry::getKey).toList();
    List<String> examples = Stream.concat(lost.stream(), duplicated.stream()).limit(SHOWN).toList();
    return new Balance(acknowledged.size(), lost.size(), duplicated.size(), examples);
  }
}
