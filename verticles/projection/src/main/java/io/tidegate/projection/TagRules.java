package io.tidegate.projection;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which tags a customer has, by its numbers. */
final class TagRules {
  /**
   * @param otherwise the tag when the condition does not hold; null: none
   */
  record Rule(String tag, Condition when, @Nullable String otherwise) {}

  /** What holds when the configuration has no rules. */
  static final TagRules DEFAULT =
      new TagRules(
          List.of(
              new Rule(
                  "high-value",
                  ConditionParser.parse("purchases > 5 and interactions > 10"),
                  "potential")));

  private final List<Rule> rules;

  TagRules(List<Rule> rules) {
    this.rules = List.copyOf(rules);
  }

  /** One tag a rule at most, in the rules' order, each once. */
  List<String> tagsOf(Condition.Facts facts) {
    Set<String> tags = new LinkedHashSet<>();
    for (Rule rule : rules) {
      @Nullable String tag = rule.when().holds(facts) ? rule.tag() : rule.otherwise();
      if (tag != null) {
        tags.add(tag);
      }
    }
    return new ArrayList<>(tags);
  }

  /** The same for rules that mean the same, however they are written. */
  String fingerprint() {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(rules.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
