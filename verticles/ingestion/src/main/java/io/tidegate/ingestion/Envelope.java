package io.tidegate.ingestion;

import org.jspecify.annotations.Nullable;

/**
 * What a batch says about all its events. Known only once all of the body is read: SDKs put it
 * behind the events.
 */
final class Envelope {
  long sentAt = EventDraft.ABSENT;
  int sentAtStart;
  int sentAtEnd;
  @Nullable ObjectSlice context;
  @Nullable ObjectSlice integrations;
}
