package io.tidegate.ingestion;

import io.tidegate.bus.Failure;
import org.jspecify.annotations.Nullable;

/** What an event of each type has to have. */
final class Requirements {
  static final String TYPES = "track, identify, page, screen, group or alias";

  private Requirements() {}

  /** Notes the first thing that is missing, unless something is wrong already. */
  static void check(EventDraft draft) {
    if (draft.fault == null) {
      String missing = missing(draft);
      if (missing != null) {
        draft.fault = Failure.INVALID_EVENT.because(missing);
      }
    }
  }

  private static @Nullable String missing(EventDraft draft) {
    if (draft.kind == null) {
      return "type: missing (expected: " + TYPES + ")";
    }
    if (draft.userId == null && draft.anonymousId == null) {
      return "userId: missing (expected: userId or anonymousId)";
    }
    return switch (draft.kind) {
      case TRACK ->
          draft.event == null ? "event: missing (expected: the name of what was done)" : null;
      case GROUP -> draft.groupId == null ? "groupId: missing (expected: the group's id)" : null;
      case ALIAS -> {
        if (draft.userId == null) {
          yield "userId: missing (expected: the id that previousId becomes)";
        }
        yield draft.previousId == null
            ? "previousId: missing (expected: the id that userId replaces)"
            : null;
      }
      default -> null;
    };
  }
}
