package io.tidegate.projection;

/** A tag rule's condition, parsed. */
sealed interface Condition {
  /** What conditions are about. */
  interface Facts {
    long purchases();

    long interactions();

    /** Events of this name. */
    long count(String name);
  }

  boolean holds(Facts facts);

  /** Both hold. */
  record And(Condition left, Condition right) implements Condition {
    @Override
    public boolean holds(Facts facts) {
      return left.holds(facts) && right.holds(facts);
    }
  }

  /** One holds at least. */
  record Or(Condition left, Condition right) implements Condition {
    @Override
    public boolean holds(Facts facts) {
      return left.holds(facts) || right.holds(facts);
    }
  }

  /** A fact compared with a number. */
  record Comparison(Field field, Operator operator, long number) implements Condition {
    @Override
    public boolean holds(Facts facts) {
      return operator.holds(Long.compare(field.of(facts), number));
    }
  }

  /** A number known about a customer. */
  sealed interface Field {
    long of(Facts facts);
  }

  /** Purchases in all. */
  record Purchases() implements Field {
    @Override
    public long of(Facts facts) {
      return facts.purchases();
    }
  }

  /** Interactions in all. */
  record Interactions() implements Field {
    @Override
    public long of(Facts facts) {
      return facts.interactions();
    }
  }

  /** Events of one name. */
  record Count(String name) implements Field {
    @Override
    public long of(Facts facts) {
      return facts.count(name);
    }
  }

  /** How a fact is compared. */
  enum Operator {
    MORE(">"),
    AT_LEAST(">="),
    LESS("<"),
    AT_MOST("<="),
    EQUAL("="),
    UNEQUAL("!=");

    private final String sign;

    Operator(String sign) {
      this.sign = sign;
    }

    String sign() {
      return sign;
    }

    private boolean holds(int comparison) {
      return switch (this) {
        case MORE -> comparison > 0;
        case AT_LEAST -> comparison >= 0;
        case LESS -> comparison < 0;
        case AT_MOST -> comparison <= 0;
        case EQUAL -> comparison == 0;
        case UNEQUAL -> comparison != 0;
      };
    }
  }
}
