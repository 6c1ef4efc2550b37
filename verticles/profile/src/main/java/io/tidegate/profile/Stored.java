package io.tidegate.profile;

import com.google.protobuf.ByteString;

/**
 * What a store says an id shows.
 *
 * @param exists false: no row, or a row without a customer
 * @param version 0: no row
 * @param json empty when it does not exist
 * @param readNanos when the reading of it began, {@link System#nanoTime()}; it is at least as new
 *     as that
 */
record Stored(String id, boolean exists, long version, ByteString json, long readNanos) {}
