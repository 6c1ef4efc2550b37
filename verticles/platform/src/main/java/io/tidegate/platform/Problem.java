package io.tidegate.platform;

/**
 * One thing wrong with the configuration, told so that it can be mended without reading code.
 *
 * @param file where the value stands (a file's name, {@code environment} or {@code command line})
 * @param key in kebab case, {@code edge.port}; in the environment the variable, {@code
 *     TIDEGATE_EDGE_PORT}
 * @param value as given; {@code ***} for secrets, empty when missing
 * @param expected what would be right
 */
public record Problem(String file, String key, String value, String expected) {
  /** {@code tidegate.yaml: edge.port: 99999 (expected: 1 to 65535)}. */
  @Override
  public String toString() {
    return file
        + ": "
        + key
        + ": "
        + (value.isEmpty() ? "missing" : value)
        + " (expected: "
        + expected
        + ")";
  }
}
