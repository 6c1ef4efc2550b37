package io.tidegate.platform;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration is wrong; holds every problem found, not the first one. */
public final class ConfigurationException extends RuntimeException {
  private final List<Problem> problems;

  public ConfigurationException(List<Problem> problems) {
    super(
        problems.stream().map(Problem::toString).collect(Collectors.joining("\n")),
        null,
        false,
        false);
    this.problems = List.copyOf(problems);
  }

  public List<Problem> problems() {
    return problems;
  }
}
