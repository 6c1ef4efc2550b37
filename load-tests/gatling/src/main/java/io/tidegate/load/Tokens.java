package io.tidegate.load;

import io.tidegate.simulate.DevToken;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Values of the header {@code Authorization} for everyone in a run. */
final class Tokens {
  private final @Nullable String given;
  private final Path key;
  private final Duration valid;

  /**
   * @param given the one token of all; null to sign one for each
   * @param valid how long they are good for
   */
  Tokens(@Nullable String given, Path dataDir, Duration valid) {
    this.given = given;
    this.key = dataDir.resolve(DevToken.KEY_FILE);
    this.valid = valid;
  }

  /** Customers' own, of the first ranks. */
  List<String> customers(int count) {
    return each(count, this::customer);
  }

  /** A customer's own, another each time unless one was given for all. */
  String customer(int rank) {
    return bearer(Customers.id(rank), "customer");
  }

  /** Of agents, who may read every profile. */
  List<String> agents(int count) {
    return each(count, number -> bearer("load-" + number, "agent"));
  }

  private static List<String> each(int count, IntFunction<String> token) {
    return IntStream.rangeClosed(1, count).parallel().mapToObj(token).toList();
  }

  private String bearer(String subject, String role) {
    return "Bearer " + (given == null ? sign(subject, role) : given);
  }

  private String sign(String subject, String role) {
    try {
      return DevToken.sign(key, subject, role, valid);
    } catch (IOException e) {
      throw new LoadFailure("no --token, and none can be signed: " + e.getMessage());
    }
  }
}
