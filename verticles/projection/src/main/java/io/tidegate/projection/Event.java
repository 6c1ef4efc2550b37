package io.tidegate.projection;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One Segment event as the log holds it.
 *
 * @param name a track's event name, or a page's or screen's own name
 * @param traits an identify's traits; empty for all others
 * @param receivedAt when the gateway took it
 * @param source the write key's name
 * @param data the whole event as JSON
 */
record Event(
    String messageId,
    Type type,
    @Nullable String userId,
    @Nullable String anonymousId,
    @Nullable String previousId,
    @Nullable String name,
    ObjectNode traits,
    Instant happenedAt,
    Instant receivedAt,
    String source,
    String data) {

  /** Segment's calls. */
  enum Type {
    TRACK,
    IDENTIFY,
    PAGE,
    SCREEN,
    GROUP,
    ALIAS
  }

  Event {
    if (userId == null && anonymousId == null) {
      throw new IllegalArgumentException("userId and anonymousId: null (expected: one of them)");
    }
  }

  /** The id it counts for, before aliases are followed. */
  String subject() {
    return userId != null ? userId : String.valueOf(anonymousId);
  }

  /** The id it links to its user, if it is of the linking kind. */
  @Nullable String linkedId() {
    if (userId == null) {
      return null;
    }
    return switch (type) {
      case IDENTIFY -> anonymousId;
      case ALIAS -> previousId;
      case TRACK, PAGE, SCREEN, GROUP -> null;
    };
  }

  /** The name it counts under; null for kinds that are not counted. */
  @Nullable String countedAs() {
    return switch (type) {
      case TRACK -> name;
      case PAGE -> "Page Viewed";
      case SCREEN -> "Screen Viewed";
      case IDENTIFY, GROUP, ALIAS -> null;
    };
  }

  /** Every id it touches. */
  List<String> ids() {
    List<String> ids = new ArrayList<>(3);
    for (@Nullable String id : new @Nullable String[] {userId, anonymousId, linkedId()}) {
      if (id != null && !ids.contains(id)) {
        ids.add(id);
      }
    }
    return ids;
  }
}
