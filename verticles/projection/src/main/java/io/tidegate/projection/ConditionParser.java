package io.tidegate.projection;

import io.tidegate.projection.Condition.And;
import io.tidegate.projection.Condition.Comparison;
import io.tidegate.projection.Condition.Count;
import io.tidegate.projection.Condition.Field;
import io.tidegate.projection.Condition.Interactions;
import io.tidegate.projection.Condition.Operator;
import io.tidegate.projection.Condition.Or;
import io.tidegate.projection.Condition.Purchases;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a condition such as {@code purchases > 5 and (interactions > 10 or counts["Order Refunded"]
 * = 0)}.
 *
 * <pre>
 * condition  = both { "or" both }
 * both       = one { "and" one }
 * one        = "(" condition ")" | field operator number
 * field      = "purchases" | "interactions" | "counts" "[" '"' name '"' "]"
 * operator   = ">" | ">=" | "<" | "<=" | "=" | "!="
 * </pre>
 */
final class ConditionParser {
  private static final int MAX_LENGTH = 2_000;
  private static final int MAX_DEPTH = 20;
  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s*(?:(\"[^\"]*\")|([A-Za-z]+)|(\\d{1,18}(?!\\d))|(>=|<=|!=|[><=()\\[\\]]))");

  private record Token(String text, int at) {}

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int next;
  private int depth;

  private ConditionParser(String text) {
    this.text = text;
  }

  /**
   * @throws IllegalArgumentException saying where it went wrong and what was expected
   */
  static Condition parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "condition: " + text.length() + " characters (expected: at most " + MAX_LENGTH + ")");
    }
    ConditionParser parser = new ConditionParser(text);
    parser.split();
    Condition condition = parser.either();
    if (parser.next < parser.tokens.size()) {
      throw parser.expected("\"and\", \"or\" or the end");
    }
    return condition;
  }

  private void split() {
    Matcher matcher = TOKEN.matcher(text);
    int at = 0;
    while (at < text.stripTrailing().length()) {
      if (!matcher.find(at) || matcher.start() != at) {
        throw new IllegalArgumentException(
            "condition: '"
                + text
                + "' at character "
                + (at + 1)
                + " (expected: a field, operator or number)");
      }
      String token = matcher.group().strip();
      tokens.add(new Token(token, matcher.end() - token.length()));
      at = matcher.end();
    }
  }

  private Condition either() {
    if (++depth > MAX_DEPTH) {
      throw expected("at most " + MAX_DEPTH + " levels of parentheses");
    }
    Condition condition = both();
    while (accept("or")) {
      condition = new Or(condition, both());
    }
    depth--;
    return condition;
  }

  private Condition both() {
    Condition condition = one();
    while (accept("and")) {
      condition = new And(condition, one());
    }
    return condition;
  }

  private Condition one() {
    if (accept("(")) {
      Condition inner = either();
      require(")");
      return inner;
    }
    return new Comparison(field(), operator(), number());
  }

  private Field field() {
    if (accept("purchases")) {
      return new Purchases();
    }
    if (accept("interactions")) {
      return new Interactions();
    }
    if (accept("counts")) {
      require("[");
      String quoted = peek();
      if (!quoted.startsWith("\"")) {
        throw expected("an event's name in double quotes");
      }
      next++;
      require("]");
      return new Count(quoted.substring(1, quoted.length() - 1));
    }
    throw expected("purchases, interactions, counts[\"name\"] or (");
  }

  private Operator operator() {
    for (Operator operator : Operator.values()) {
      if (accept(operator.sign())) {
        return operator;
      }
    }
    throw expected("one of > >= < <= = !=");
  }

  private long number() {
    String token = peek();
    if (token.isEmpty() || !Character.isDigit(token.charAt(0))) {
      throw expected("a whole number");
    }
    next++;
    return Long.parseLong(token);
  }

  private String peek() {
    return next < tokens.size() ? tokens.get(next).text() : "";
  }

  private boolean accept(String token) {
    if (peek().equals(token)) {
      next++;
      return true;
    }
    return false;
  }

  private void require(String token) {
    if (!accept(token)) {
      throw expected(token);
    }
  }

  private IllegalArgumentException expected(String what) {
    String where =
        next < tokens.size()
            ? "'" + tokens.get(next).text() + "' at character " + (tokens.get(next).at() + 1)
            : "its end";
    return new IllegalArgumentException(
        "condition: '" + text + "', " + where + " (expected: " + what + ")");
  }
}
