package io.tidegate.simulate;

import org.jspecify.annotations.Nullable;

/**
 * One request to the public API.
 *
 * @param operation its row in the final table
 * @param path from the base address, with its leading slash
 * @param body JSON; null for none
 */
record Call(String operation, String method, String path, Auth auth, @Nullable String body) {

  /** Whose credentials a request carries. */
  enum Auth {
    WRITE_KEY,
    TOKEN
  }

  static final String PROFILE = "profile";

  static Call event(String operation, String path, String body) {
    return new Call(operation, "POST", path, Auth.WRITE_KEY, body);
  }

  static Call read(String operation, String path) {
    return new Call(operation, "GET", path, Auth.TOKEN, null);
  }

  /** A customer nobody has sent an event of yet has no profile: that answer is right too. */
  boolean accepts(int status) {
    return (status >= 200 && status < 400) || (status == 404 && operation.equals(PROFILE));
  }
}
