package io.tidegate.ingestion;

import io.tidegate.bus.FailureException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What one event says, and where in the body it says the rest. Filled by {@link EventReader}. */
final class EventDraft {
  static final long ABSENT = Long.MIN_VALUE;

  @Nullable EventKind kind;
  @Nullable String messageId;
  @Nullable String userId;
  @Nullable String anonymousId;
  @Nullable String previousId;
  @Nullable String groupId;
  @Nullable String event;

  long timestamp = ABSENT;
  int timestampStart;
  int timestampEnd;
  long originalTimestamp = ABSENT;
  long sentAt = ABSENT;

  @Nullable ObjectSlice context;
  @Nullable ObjectSlice integrations;

  /** The first thing wrong with it. */
  @Nullable FailureException fault;

  /**
   * Members that go on as they came: name's start, value's start, value's end; the value's start
   * negative to quote it.
   */
  private int[] kept = new int[30];

  private int keptCount;

  void keep(int nameStart, int valueStart, int valueEnd, boolean quote) {
    if (keptCount + 3 > kept.length) {
      kept = Arrays.copyOf(kept, kept.length * 2);
    }
    kept[keptCount++] = nameStart;
    kept[keptCount++] = quote ? -valueStart : valueStart;
    kept[keptCount++] = valueEnd;
  }

  void writeKept(byte[] body, JsonBytes out) {
    for (int i = 0; i < keptCount; i += 3) {
      out.add(',');
      if (kept[i + 1] < 0) {
        int valueStart = -kept[i + 1];
        out.add(body, kept[i], valueStart).add('"').add(body, valueStart, kept[i + 2]).add('"');
      } else {
        out.add(body, kept[i], kept[i + 2]);
      }
    }
  }

  /** Who it is about: the user, else the anonymous visitor. Known once the event is checked. */
  String customer() {
    if (userId != null) {
      return userId;
    }
    if (anonymousId != null) {
      return anonymousId;
    }
    throw new IllegalStateException("an event without ids passed the check");
  }
}
