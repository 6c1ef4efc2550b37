package io.tidegate.platform;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.spi.Converter;

/**
 * Reads durations as people write them: {@code 250ms}, {@code 5s}, {@code 10m}, {@code 1h}, {@code
 * 7d}, or ISO-8601.
 */
public final class Durations implements Converter<Duration> {
  private static final Pattern SHORT = Pattern.compile("(\\d{1,12})\\s*(us|ms|s|m|h|d)");

  /**
   * A duration from its text.
   *
   * @throws IllegalArgumentException saying the value and what was expected
   */
  public static Duration parse(String text) {
    Matcher matcher = SHORT.matcher(text.strip());
    if (matcher.matches()) {
      long amount = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "us" -> Duration.ofNanos(Math.multiplyExact(amount, 1_000));
        case "ms" -> Duration.ofMillis(amount);
        case "s" -> Duration.ofSeconds(amount);
        case "m" -> Duration.ofMinutes(amount);
        case "h" -> Duration.ofHours(amount);
        default -> Duration.ofDays(amount);
      };
    }
    try {
      return Duration.parse(text.strip());
    } catch (java.time.format.DateTimeParseException e) {
      throw new IllegalArgumentException(
          "duration: " + text + " (expected: such as 250ms, 5s, 10m, 1h or PT5S)", e);
    }
  }

  @Override
  public Duration convert(String text) {
    return parse(text);
  }
}
