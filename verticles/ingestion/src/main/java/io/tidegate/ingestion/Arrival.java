package io.tidegate.ingestion;

/** When and whence a request's events came. */
record Arrival(long ms, String text, Origin origin) {
  Arrival(long ms, Origin origin) {
    this(ms, Timestamps.format(ms), origin);
  }
}
