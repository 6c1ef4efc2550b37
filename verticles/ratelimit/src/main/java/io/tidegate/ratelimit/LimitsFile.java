package io.tidegate.ratelimit;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Where a far side has its policies from: limits.yaml, under whatever else sets its keys.
 *
 * @param path the file that is looked at
 * @param read reads and checks it anew; fails with a {@link
 *     io.tidegate.platform.ConfigurationException} of all problems
 * @param reloadEvery between two looks
 */
public record LimitsFile(Path path, Supplier<LimitsConfig> read, Duration reloadEvery) {
  ByteString document() {
    return LimitsDocument.of(read.get());
  }
}
