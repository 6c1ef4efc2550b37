package io.tidegate.projection;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One row of {@code customers}, worked on in memory: a customer, an alias, or an erased one's
 * tombstone.
 */
final class Customer implements Condition.Facts {
  /** Where counts go once a customer has too many names, and those of names too long to keep. */
  static final String OTHER = "(other)";

  static final int MAX_NAMES = 1_000;
  static final int MAX_NAME_LENGTH = 200;
  static final int MAX_ANONYMOUS_IDS = 1_000;

  private final String id;
  private final @Nullable Instant erasedAt;
  private final long loadedVersion;
  private final Set<String> anonymousIds = new LinkedHashSet<>();
  private final Map<String, Long> counts = new LinkedHashMap<>();
  private @Nullable String mergedInto;
  private @Nullable String heir;
  private boolean present;
  private boolean identified;
  private Traits traits = Traits.NONE;
  private long purchases;
  private long interactions;
  private List<String> tags = List.of();
  private @Nullable Instant firstSeen;
  private @Nullable Instant lastSeen;
  private long version;
  private boolean dirty;

  /** From the row as {@code to_json} writes it; columns that are missing have their defaults. */
  Customer(JsonNode row) {
    id = row.required("id").asText();
    erasedAt = instant(row.path("erased_at"));
    loadedVersion = row.path("version").asLong();
    version = loadedVersion;
    mergedInto = row.path("merged_into").isTextual() ? row.path("merged_into").asText() : null;
    heir = row.path("heir").isTextual() ? row.path("heir").asText() : null;
    present = row.path("present").asBoolean();
    identified = row.path("identified").asBoolean();
    if (row.path("traits") instanceof ObjectNode values) {
      traits = new Traits(values);
    }
    row.path("anonymous_ids").forEach(anonymousId -> anonymousIds.add(anonymousId.asText()));
    row.path("counts")
        .properties()
        .forEach(count -> counts.put(count.getKey(), count.getValue().asLong()));
    purchases = row.path("purchases").asLong();
    interactions = row.path("interactions").asLong();
    List<String> loadedTags = new ArrayList<>();
    row.path("tags").forEach(tag -> loadedTags.add(tag.asText()));
    tags = loadedTags;
    firstSeen = instant(row.path("first_seen"));
    lastSeen = instant(row.path("last_seen"));
  }

  /** The columns that change, by name. */
  ObjectNode row() {
    ObjectNode row = Json.MAPPER.createObjectNode();
    row.put("id", id);
    row.put("merged_into", mergedInto);
    row.put("heir", heir);
    row.put("present", present);
    row.put("identified", identified);
    row.set("traits", traits.json());
    ArrayNode ids = row.putArray("anonymous_ids");
    anonymousIds.forEach(ids::add);
    ObjectNode byName = row.putObject("counts");
    counts.forEach(byName::put);
    row.put("purchases", purchases);
    row.put("interactions", interactions);
    ArrayNode tagArray = row.putArray("tags");
    tags.forEach(tagArray::add);
    row.put("first_seen", firstSeen == null ? null : firstSeen.toString());
    row.put("last_seen", lastSeen == null ? null : lastSeen.toString());
    row.put("version", version);
    return row;
  }

  /** Whether the event belongs to what was erased. */
  boolean erased(Event event) {
    return erasedAt != null
        && (!event.happenedAt().isAfter(erasedAt) || !event.receivedAt().isAfter(erasedAt));
  }

  /** Adds an event, which must have passed {@link #erased}. */
  void add(Event event, Set<String> purchaseEvents) {
    @Nullable String name = event.countedAs();
    if (name != null) {
      count(name, 1);
      interactions++;
      if (event.type() == Event.Type.TRACK && purchaseEvents.contains(name)) {
        purchases++;
      }
    }
    seen(event.happenedAt(), event.happenedAt());
    present = true;
    changed();
  }

  /** Sets the traits; {@link #add} follows. */
  void describe(Traits next) {
    traits = next;
  }

  private void count(String name, long times) {
    String under =
        counts.containsKey(name) || (counts.size() < MAX_NAMES && name.length() <= MAX_NAME_LENGTH)
            ? name
            : OTHER;
    counts.merge(under, times, Long::sum);
  }

  private void seen(@Nullable Instant first, @Nullable Instant last) {
    if (first != null && (firstSeen == null || first.isBefore(firstSeen))) {
      firstSeen = first;
    }
    if (last != null && (lastSeen == null || last.isAfter(lastSeen))) {
      lastSeen = last;
    }
  }

  /** Whether one more customer, and all its aliases, can be linked to this one. */
  boolean hasRoomFor(Customer other) {
    return anonymousIds.size() + 1 + other.anonymousIds.size() <= MAX_ANONYMOUS_IDS;
  }

  /**
   * Takes over a customer with its past; it becomes an alias. Its own aliases are the caller's to
   * repoint.
   *
   * @param except traits not to take over
   */
  void absorb(Customer other, ObjectNode except) {
    traits = traits.filledFrom(other.traits, except);
    other.counts.forEach(this::count);
    purchases += other.purchases;
    interactions += other.interactions;
    seen(other.firstSeen, other.lastSeen);
    present |= other.present;
    anonymousIds.addAll(other.anonymousIds);

    other.traits = Traits.NONE;
    other.counts.clear();
    other.purchases = 0;
    other.interactions = 0;
    other.firstSeen = null;
    other.lastSeen = null;
    other.present = false;
    other.tags = List.of();
    other.anonymousIds.clear();
    other.heir = id;
    adopt(other);
  }

  /** Takes over an id for the future only. */
  void adopt(Customer alias) {
    version = Math.max(version, alias.version);
    anonymousIds.add(alias.id);
    changed();
    alias.pointAt(this);
  }

  /** Gives an alias away. */
  void release(Customer alias) {
    anonymousIds.remove(alias.id);
    changed();
  }

  /** Makes this an alias of a customer. */
  void pointAt(Customer customer) {
    mergedInto = customer.id;
    version = Math.max(version, customer.version);
    dirty = true;
  }

  /** Goes on no lower than what another customer has shown. */
  void overtake(Customer other) {
    version = Math.max(version, other.version);
  }

  void markIdentified() {
    if (!identified) {
      identified = true;
      dirty = true;
    }
  }

  /** Computes the tags again; true when they changed. */
  boolean tag(TagRules rules) {
    List<String> next = rules.tagsOf(this);
    if (next.equals(tags)) {
      return false;
    }
    tags = next;
    changed();
    return true;
  }

  private void changed() {
    version++;
    dirty = true;
  }

  String id() {
    return id;
  }

  @Nullable String mergedInto() {
    return mergedInto;
  }

  /** Whose the events are that are stored under this id; none when they are its own. */
  @Nullable String heir() {
    return heir;
  }

  boolean identified() {
    return identified;
  }

  boolean present() {
    return present;
  }

  Traits traits() {
    return traits;
  }

  Collection<String> anonymousIds() {
    return anonymousIds;
  }

  @Override
  public long purchases() {
    return purchases;
  }

  @Override
  public long interactions() {
    return interactions;
  }

  @Override
  public long count(String name) {
    return counts.getOrDefault(name, 0L);
  }

  Map<String, Long> counts() {
    return counts;
  }

  List<String> tags() {
    return tags;
  }

  long version() {
    return version;
  }

  /** The row must be written back. */
  boolean dirty() {
    return dirty;
  }

  /** It is a customer of its own and shows something else than when it was loaded. */
  boolean showsChange() {
    return mergedInto == null && version != loadedVersion;
  }

  private static @Nullable Instant instant(JsonNode value) {
    return value.isTextual() ? OffsetDateTime.parse(value.asText()).toInstant() : null;
  }
}
