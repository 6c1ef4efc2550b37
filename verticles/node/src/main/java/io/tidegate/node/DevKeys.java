package io.tidegate.node;

import io.tidegate.simulate.DevToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The development signing key of a data directory, made on first use.
 *
 * @param privateKey a private JWK, for {@code token}
 * @param publicKeys the JWKS that the node verifies with
 */
record DevKeys(Path privateKey, Path publicKeys) {
  private static DevKeys of(Path dataDir) {
    return new DevKeys(dataDir.resolve(DevToken.KEY_FILE), dataDir.resolve(DevToken.JWKS_FILE));
  }

  /** Whether the directory has its key already. */
  static boolean areIn(Path dataDir) {
    DevKeys keys = of(dataDir);
    return Files.exists(keys.privateKey) && Files.exists(keys.publicKeys);
  }

  static DevKeys in(Path dataDir) throws IOException {
    DevKeys keys = of(dataDir);
    if (!areIn(dataDir)) {
      Files.createDirectories(dataDir);
      DevToken.createKey(keys.privateKey, keys.publicKeys);
    }
    return keys;
  }
}
