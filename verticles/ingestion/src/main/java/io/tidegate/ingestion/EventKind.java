package io.tidegate.ingestion;

import org.jspecify.annotations.Nullable;

/**
 * The calls of the <a
 * href="https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/">Segment
 * tracking API</a>: six types of event, and the batch that carries any of them.
 */
public enum EventKind {
  TRACK("track"),
  IDENTIFY("identify"),
  PAGE("page"),
  SCREEN("screen"),
  GROUP("group"),
  ALIAS("alias"),
  BATCH("batch");

  private final String word;

  EventKind(String word) {
    this.word = word;
  }

  /** The last segment of the path, and an event's {@code type}. */
  public String word() {
    return word;
  }

  /** The kind of this word, {@link #BATCH} included; null when there is none. */
  public static @Nullable EventKind ofWord(String word) {
    return switch (word) {
      case "track" -> TRACK;
      case "identify" -> IDENTIFY;
      case "page" -> PAGE;
      case "screen" -> SCREEN;
      case "group" -> GROUP;
      case "alias" -> ALIAS;
      case "batch" -> BATCH;
      default -> null;
    };
  }
}
