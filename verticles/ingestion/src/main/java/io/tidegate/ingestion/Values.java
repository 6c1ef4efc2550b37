package io.tidegate.ingestion;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tidegate.bus.Failure;
import java.io.IOException;

/**
 * What can be done with the value at a parser's hand: pass over it, tell where it lies, say it in a
 * message. Depth is counted from the event, wherever in the body that is, and numbers are checked
 * on the way.
 */
final class Values {
  private static final int MAX_NUMBER_CHARS = 400;
  private static final int MAX_EXPONENT = 400;

  private final int maxDepth;
  private int rootDepth = 1;

  Values(int maxDepth) {
    this.maxDepth = maxDepth;
  }

  /** Counts depth from here on: this nesting of the parser's is 1. */
  void countFrom(int nesting) {
    rootDepth = nesting;
  }

  /** Passes over the object at hand and tells where its members lie. */
  ObjectSlice object(JsonParser parser) throws IOException {
    ObjectSlice slice = new ObjectSlice(start(parser));
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      int start = start(parser);
      parser.nextToken();
      pass(parser);
      slice.member(name, start, end(parser));
    }
    slice.end = end(parser);
    return slice;
  }

  /** Passes over the value at hand. */
  void pass(JsonParser parser) throws IOException {
    int depth = 0;
    JsonToken token = parser.currentToken();
    while (true) {
      switch (token) {
        case START_OBJECT, START_ARRAY -> {
          depth++;
          int deep = parser.getParsingContext().getNestingDepth() - rootDepth + 1;
          if (deep > maxDepth) {
            throw Failure.INVALID_EVENT.because(
                "depth: " + deep + " (expected: at most " + maxDepth + ")");
          }
        }
        case END_OBJECT, END_ARRAY -> depth--;
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser, token);
        default -> {}
      }
      if (depth == 0) {
        return;
      }
      token = parser.nextToken();
    }
  }

  /** Numbers that readers of the log could not hold stop here. */
  private static void number(JsonParser parser, JsonToken token) throws IOException {
    if (parser.getTextLength() > MAX_NUMBER_CHARS
        || (token == JsonToken.VALUE_NUMBER_FLOAT && exponent(parser) > MAX_EXPONENT)) {
      throw Failure.INVALID_EVENT.because(
          "number: "
              + Shown.text(parser.getText())
              + " (expected: at most "
              + MAX_NUMBER_CHARS
              + " digits and an exponent of at most "
              + MAX_EXPONENT
              + ")");
    }
  }

  /**
   * How far the exponent of the number at hand is from 0; anything beyond the most allowed when it
   * is.
   */
  private static int exponent(JsonParser parser) throws IOException {
    char[] text = parser.getTextCharacters();
    int end = parser.getTextOffset() + parser.getTextLength();
    int at = parser.getTextOffset();
    while (at < end && text[at] != 'e' && text[at] != 'E') {
      at++;
    }
    int exponent = 0;
    for (at++; at < end && exponent <= MAX_EXPONENT; at++) {
      if (text[at] >= '0' && text[at] <= '9') {
        exponent = exponent * 10 + (text[at] - '0');
      }
    }
    return exponent;
  }

  /** The time stamp at hand, or {@link Timestamps#UNREADABLE}. */
  static long time(JsonParser parser) throws IOException {
    return parser.currentToken() == JsonToken.VALUE_STRING && parser.getTextLength() <= 40
        ? Timestamps.parse(parser.getText())
        : Timestamps.UNREADABLE;
  }

  static String describe(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> '"' + Shown.text(parser.getText()) + '"';
      default -> Shown.text(parser.getText());
    };
  }

  static int start(JsonParser parser) {
    return (int) parser.currentTokenLocation().getByteOffset();
  }

  /** Behind the token at hand, whose text may not have been looked at yet. */
  static int end(JsonParser parser) throws IOException {
    parser.finishToken();
    return (int) parser.currentLocation().getByteOffset();
  }
}
