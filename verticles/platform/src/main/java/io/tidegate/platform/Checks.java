package io.tidegate.platform;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Collects what is wrong with values whose type is right: ranges and relations that a type can't
 * say.
 */
public final class Checks {
  private final Function<String, String> fileOf;
  private final List<Problem> problems = new ArrayList<>();

  /**
   * @param fileOf the file in which a key's value stands
   */
  public Checks(Function<String, String> fileOf) {
    this.fileOf = fileOf;
  }

  /** Notes a problem when the value does not hold. */
  public Checks expect(boolean holds, String key, Object value, String expected) {
    if (!holds) {
      problems.add(new Problem(fileOf.apply(key), key, String.valueOf(value), expected));
    }
    return this;
  }

  public Checks between(String key, long value, long least, long most) {
    return expect(value >= least && value <= most, key, value, least + " to " + most);
  }

  public Checks atLeast(String key, long value, long least) {
    return expect(value >= least, key, value, ">= " + least);
  }

  public Checks positive(String key, Duration value) {
    return expect(value.isPositive(), key, value, "a duration above zero, such as 500ms, 5s or 1h");
  }

  public List<Problem> problems() {
    return problems;
  }
}
