package io.tidegate.node;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.module.ModuleDescriptor.Version;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What {@code GET /cluster} tells, as a table for people: one row for each node, and under it why a
 * node is not ready and what it does in a lesser way.
 */
final class ClusterTable {
  private static final String YELLOW = "\033[33m";
  private static final String RED = "\033[31m";
  private static final String PLAIN = "\033[0m";
  private static final String NOTHING = "-";

  /** Beside a revision, what tells two contents of one revision apart. */
  private static final String HASH = ".hash";

  /** A checksum by itself: there is no newest, only another. */
  private static final String CONFIGURATION = "configuration";

  /** What nobody is asked over the bus is not among those that a node is able to do. */
  private static final Set<String> NOT_ASKED = Set.of("edge", "projection");

  /** How a cell is shown. */
  private enum Look {
    USUAL,
    /** Behind the newest. */
    OLD,
    BAD
  }

  private record Cell(String text, Look look) {
    static Cell of(Object text) {
      return new Cell(text.toString(), Look.USUAL);
    }

    /** Without a terminal's colours a star tells. */
    String shown() {
      return look == Look.OLD ? text + '*' : text;
    }
  }

  private final JsonObject page;
  private final List<JsonObject> nodes;
  private final SortedSet<String> versions = new TreeSet<>();
  private final boolean colours;

  /**
   * @param page what {@link ClusterPage} gives
   * @param colours whether it goes to a terminal
   * @throws ClassCastException when it is another page
   */
  ClusterTable(JsonObject page, boolean colours) {
    this.page = page;
    this.colours = colours;
    this.nodes = page.getJsonArray("nodes").stream().map(JsonObject.class::cast).toList();
    nodes.forEach(node -> versions.addAll(node.getJsonObject("versions").fieldNames()));
    versions.removeIf(what -> what.endsWith(HASH));
  }

  /** The lines, without ends of lines. */
  List<String> lines() {
    List<List<Cell>> rows = new ArrayList<>();
    rows.add(head());
    nodes.forEach(node -> rows.add(row(node)));
    List<String> lines = new ArrayList<>();
    lines.add(
        "cluster %s as %s sees it: %d live, %d silent"
            .formatted(
                page.getString("cluster"),
                nodes.stream()
                    .filter(node -> node.getBoolean("self"))
                    .map(node -> node.getString("name"))
                    .findFirst()
                    .orElse("a node"),
                page.getInteger("live"),
                page.getInteger("silent")));
    lines.add("");
    int[] widths =
        IntStream.range(0, rows.getFirst().size())
            .map(
                column ->
                    rows.stream().mapToInt(row -> row.get(column).shown().length()).max().orElse(0))
            .toArray();
    rows.forEach(row -> lines.add(line(row, widths)));
    lines.addAll(notes(rows));
    return lines;
  }

  private List<Cell> head() {
    List<Cell> head = new ArrayList<>();
    for (String title : List.of("NODE", "STATE", "READY", "ROLES", "ABLE", "VERSION")) {
      head.add(Cell.of(title));
    }
    versions.forEach(what -> head.add(Cell.of(what.toUpperCase(Locale.ROOT))));
    for (String title : List.of("AGE", "PARTITIONS", "LEASES", "MANAGEMENT")) {
      head.add(Cell.of(title));
    }
    return head;
  }

  private List<Cell> row(JsonObject node) {
    String state = node.getString("state");
    boolean heard = isHeard(node);
    boolean ready = node.getBoolean("ready");
    boolean lesser = !node.getJsonObject("degraded").isEmpty();
    JsonArray roles = node.getJsonArray("roles");
    List<Cell> row = new ArrayList<>();
    row.add(Cell.of(node.getString("name")));
    row.add(
        heard
            ? Cell.of(state)
            : new Cell(state + ' ' + time(node.getLong("silentMs", 0L) / 1_000), Look.BAD));
    if (roles.isEmpty()) {
      // Known to the cluster and not heard of yet.
      while (row.size() < 10 + versions.size()) {
        row.add(Cell.of(NOTHING));
      }
      return row;
    }
    row.add(
        !heard
            ? Cell.of(NOTHING)
            : !ready
                ? new Cell("no", Look.BAD)
                : lesser ? new Cell("degraded", Look.BAD) : Cell.of("yes"));
    row.add(Cell.of(roles.size() == Role.values().length ? "all" : words(roles)));
    JsonArray able = node.getJsonArray("able");
    long asked = roles.stream().filter(role -> !NOT_ASKED.contains(role)).count();
    row.add(
        able.size() >= asked
            ? Cell.of(asked == 0 ? NOTHING : "all")
            : new Cell(able.isEmpty() ? "none" : words(able), heard ? Look.BAD : Look.USUAL));
    row.add(version(node, heard));
    versions.forEach(what -> row.add(version(node, what, heard)));
    row.add(Cell.of(heard ? time(node.getLong("ageSeconds")) : NOTHING));
    row.add(Cell.of(ranges(node.getJsonArray("partitions"))));
    row.add(Cell.of(node.getValue("leases")));
    row.add(Cell.of(node.getString("management")));
    return row;
  }

  private Cell version(JsonObject node, boolean heard) {
    String version = node.getString("version");
    boolean newest =
        nodes.stream()
            .filter(ClusterTable::isHeard)
            .map(each -> each.getString("version"))
            .filter(each -> !each.isEmpty())
            .max(Comparator.comparing(Version::parse))
            .map(version::equals)
            .orElse(true);
    return new Cell(version, newest || !heard ? Look.USUAL : Look.OLD);
  }

  private Cell version(JsonObject node, String what, boolean heard) {
    JsonObject own = node.getJsonObject("versions");
    Long version = own.getLong(what);
    if (version == null) {
      return Cell.of(NOTHING);
    }
    if (what.equals(CONFIGURATION)) {
      boolean other = told(what).anyMatch(each -> !each.getLong(what).equals(version));
      return new Cell("%06x".formatted(version & 0xffffff), heard && other ? Look.OLD : Look.USUAL);
    }
    boolean newest =
        told(what)
            .max(
                Comparator.comparingLong((JsonObject each) -> each.getLong(what))
                    .thenComparingLong(each -> each.getLong(what + HASH, 0L)))
            .map(
                best ->
                    best.getLong(what).equals(version)
                        && best.getLong(what + HASH, 0L).equals(own.getLong(what + HASH, 0L)))
            .orElse(true);
    // A revision is a time; without it, a number.
    String shown =
        own.containsKey(what + HASH) && version > 0
            ? Instant.ofEpochMilli(version).truncatedTo(ChronoUnit.SECONDS).toString()
            : version.toString();
    return new Cell(shown, heard && !newest ? Look.OLD : Look.USUAL);
  }

  /** The versions of those that are heard and tell this one. */
  private Stream<JsonObject> told(String what) {
    return nodes.stream()
        .filter(ClusterTable::isHeard)
        .map(node -> node.getJsonObject("versions"))
        .filter(each -> each.getValue(what) != null);
  }

  private static boolean isHeard(JsonObject node) {
    return switch (node.getString("state")) {
      case "live", "leaving" -> true;
      default -> false;
    };
  }

  private List<String> notes(List<List<Cell>> rows) {
    List<String> notes = new ArrayList<>();
    for (JsonObject node : nodes) {
      if (isHeard(node)) {
        node.getJsonObject("notReady")
            .forEach(
                check ->
                    notes.add(
                        node.getString("name")
                            + " is not ready: "
                            + check.getKey()
                            + ": "
                            + check.getValue()));
        node.getJsonObject("degraded")
            .forEach(
                part ->
                    notes.add(
                        node.getString("name")
                            + " is degraded: "
                            + part.getKey()
                            + ": "
                            + part.getValue()));
      }
    }
    if (rows.stream().flatMap(List::stream).anyMatch(cell -> cell.look() == Look.OLD)) {
      notes.add("* older than another node's, or not what the others have");
    }
    if (!notes.isEmpty()) {
      notes.addFirst("");
    }
    return notes;
  }

  private String line(List<Cell> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < widths.length; column++) {
      Cell cell = row.get(column);
      String colour =
          !colours
              ? ""
              : switch (cell.look()) {
                case USUAL -> "";
                case OLD -> YELLOW;
                case BAD -> RED;
              };
      line.append(colour).append(cell.shown()).append(colour.isEmpty() ? "" : PLAIN);
      if (column < widths.length - 1) {
        line.repeat(' ', widths[column] - cell.shown().length() + 2);
      }
    }
    return line.toString();
  }

  private static String words(JsonArray words) {
    return words.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  /** Numbers with runs drawn together: {@code 0-3,7}. */
  private static String ranges(JsonArray numbers) {
    int[] sorted = numbers.stream().mapToInt(each -> ((Number) each).intValue()).sorted().toArray();
    StringBuilder ranges = new StringBuilder();
    for (int i = 0; i < sorted.length; i++) {
      int from = i;
      while (i + 1 < sorted.length && sorted[i + 1] == sorted[i] + 1) {
        i++;
      }
      ranges.append(ranges.isEmpty() ? "" : ",").append(sorted[from]);
      if (i > from) {
        ranges.append('-').append(sorted[i]);
      }
    }
    return ranges.isEmpty() ? NOTHING : ranges.toString();
  }

  /** The two largest units at most: {@code 3d4h}, {@code 12m}, {@code 59s}. */
  private static String time(long seconds) {
    Duration time = Duration.ofSeconds(Math.max(0, seconds));
    if (time.toDays() > 0) {
      return time.toDays() + "d" + time.toHoursPart() + "h";
    }
    if (time.toHours() > 0) {
      return time.toHours() + "h" + time.toMinutesPart() + "m";
    }
    return time.toMinutes() > 0
        ? time.toMinutes() + "m" + time.toSecondsPart() + "s"
        : time.toSeconds() + "s";
  }
}
