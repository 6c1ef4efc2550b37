package io.tidegate.profile;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A customer as table {@code customers} has it.
 *
 * @param id its own id, never an alias
 * @param traits a JSON object
 * @param counts events by name, a JSON object
 */
record CustomerRow(
    String id,
    long version,
    String traits,
    List<String> anonymousIds,
    String counts,
    long purchases,
    long interactions,
    @Nullable Instant firstSeen,
    @Nullable Instant lastSeen,
    List<String> tags) {}
