package io.tidegate.ingestion;

import io.tidegate.bus.Trace;

/**
 * Where events came from.
 *
 * @param source the write key's name, never the key
 * @param trace of the request that carried them
 */
public record Origin(String source, Trace trace) {}
