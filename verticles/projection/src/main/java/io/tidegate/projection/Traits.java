package io.tidegate.projection;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** What a customer said about itself: an immutable JSON object, bounded in keys and bytes. */
final class Traits {
  static final int MAX_KEYS = 500;
  static final int MAX_BYTES = 64 * 1024;
  static final Traits NONE = new Traits(Json.MAPPER.createObjectNode());

  private final ObjectNode values;

  Traits(ObjectNode values) {
    this.values = values;
  }

  /** Read only. */
  ObjectNode json() {
    return values;
  }

  /**
   * These traits with changes over them, key by key; null removes.
   *
   * @throws UnprojectableException when the result is too large
   */
  Traits with(ObjectNode changes) throws UnprojectableException {
    if (changes.isEmpty()) {
      return this;
    }
    ObjectNode next = copy();
    for (Map.Entry<String, JsonNode> change : changes.properties()) {
      if (change.getValue().isNull()) {
        next.remove(change.getKey());
      } else {
        next.set(change.getKey(), change.getValue());
      }
    }
    if (next.size() > MAX_KEYS) {
      throw new UnprojectableException(
          "traits: " + next.size() + " keys (expected: at most " + MAX_KEYS + ")");
    }
    int bytes = Json.bytes(next).length;
    if (bytes > MAX_BYTES) {
      throw new UnprojectableException(
          "traits: " + bytes + " bytes (expected: at most " + MAX_BYTES + ")");
    }
    return new Traits(next);
  }

  /**
   * These traits, and those of another under keys that are missing here, as far as they fit.
   *
   * @param except keys that stay missing
   */
  Traits filledFrom(Traits other, ObjectNode except) {
    ObjectNode next = copy();
    int bytes = Json.bytes(next).length;
    for (Map.Entry<String, JsonNode> entry : other.values.properties()) {
      String key = entry.getKey();
      if (next.has(key) || except.has(key)) {
        continue;
      }
      int more = Json.bytes(Json.MAPPER.createObjectNode().set(key, entry.getValue())).length;
      if (next.size() < MAX_KEYS && bytes + more <= MAX_BYTES) {
        next.set(key, entry.getValue());
        bytes += more;
      }
    }
    return new Traits(next);
  }

  private ObjectNode copy() {
    ObjectNode copy = Json.MAPPER.createObjectNode();
    copy.setAll(values);
    return copy;
  }
}
