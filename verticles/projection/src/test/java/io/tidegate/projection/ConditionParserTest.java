package io.tidegate.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionParserTest {
  private record Facts(long purchases, long interactions) implements Condition.Facts {
    @Override
    public long count(String name) {
      return name.length();
    }
  }

  private static boolean holds(String condition, long purchases, long interactions) {
    return ConditionParser.parse(condition).holds(new Facts(purchases, interactions));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "purchases > 5 and interactions > 10 | 6 | 11 | true",
        "purchases > 5 and interactions > 10 | 6 | 10 | false",
        "purchases>=5or interactions<2       | 5 | 9  | true",
        "purchases != 5                      | 5 | 0  | false",
        "purchases <= 5 and purchases = 5    | 5 | 0  | true",
        "purchases = 1 or purchases = 2 and interactions = 3 | 1 | 0 | true",
        "(purchases = 1 or purchases = 2) and interactions = 3 | 1 | 0 | false",
        "counts[\"four\"] = 4                | 0 | 0  | true",
        "counts [ \"a > 1 and ]\" ] = 11     | 0 | 0  | true"
      })
  void means(String condition, long purchases, long interactions, boolean expected) {
    assertThat(holds(condition, purchases, interactions)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | its end (expected: purchases, interactions",
        "purchases               | its end (expected: one of >",
        "purchases >             | its end (expected: a whole number)",
        "purchases > 5 and       | its end (expected: purchases",
        "purchases > 5 purchases | 'purchases' at character 15 (expected: \"and\"",
        "visits > 5              | 'visits' at character 1",
        "purchases > -5          | at character 12 (expected: a field",
        "purchases > 5.5         | at character 14",
        "counts[x] > 1           | 'x' at character 8 (expected: an event's name in double quotes)",
        "(purchases > 1          | its end (expected: ))",
        "purchases > 12345678901234567890 | at character 12"
      })
  void saysWhereItIsWrong(String condition, String message) {
    assertThatThrownBy(() -> ConditionParser.parse(condition))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void isBounded() {
    assertThatThrownBy(() -> ConditionParser.parse("(".repeat(100)))
        .hasMessageContaining("levels of parentheses");
    assertThatThrownBy(() -> ConditionParser.parse("x".repeat(3_000)))
        .hasMessageContaining("3000 characters");
  }

  @Test
  void noInputBreaksIt() {
    Random random = new Random(42);
    List<String> pieces =
        List.of(
            "purchases",
            "counts",
            "[",
            "]",
            "\"a\"",
            "\"",
            " and ",
            "or",
            ">",
            "=",
            "5",
            "(",
            ")",
            "!",
            "é");
    int parsed = 0;
    for (int i = 0; i < 50_000; i++) {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(12);
      for (int j = 0; j < length; j++) {
        text.append(pieces.get(random.nextInt(pieces.size())));
      }
      try {
        holds(text.toString(), 1, 1);
        parsed++;
      } catch (IllegalArgumentException expected) {
        assertThat(expected)
            .hasMessageStartingWith("condition: ")
            .hasMessageContaining("(expected: ");
      }
    }
    assertThat(parsed).isPositive();
  }

  @Test
  void fingerprintsDifferByMeaningOnly() {
    assertThat(rules("purchases > 5").fingerprint())
        .isEqualTo(rules(" purchases>5 ").fingerprint());
    assertThat(rules("purchases > 5").fingerprint())
        .isNotEqualTo(rules("purchases > 6").fingerprint());
  }

  @Test
  void tagsComeInOrderAndOnce() {
    TagRules rules =
        new TagRules(
            List.of(
                new TagRules.Rule("b", ConditionParser.parse("purchases > 0"), null),
                new TagRules.Rule("a", ConditionParser.parse("purchases > 1"), "c"),
                new TagRules.Rule("b", ConditionParser.parse("purchases > 0"), null)));
    assertThat(rules.tagsOf(new Facts(1, 0))).containsExactly("b", "c");
    assertThat(rules.tagsOf(new Facts(0, 0))).containsExactly("c");
  }

  private static TagRules rules(String condition) {
    return new TagRules(List.of(new TagRules.Rule("a", ConditionParser.parse(condition), null)));
  }
}
