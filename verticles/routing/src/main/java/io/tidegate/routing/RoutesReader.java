package io.tidegate.routing;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.deser.DeserializationProblemHandler;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.tidegate.platform.Durations;
import io.tidegate.platform.Problem;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns the tree of routes.yaml into {@link RoutesYaml}, and goes on after a key that is unknown or
 * of the wrong type.
 */
final class RoutesReader extends DeserializationProblemHandler {
  static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
          .visibility(PropertyAccessor.FIELD, Visibility.ANY)
          .defaultSetterInfo(JsonSetter.Value.construct(Nulls.SKIP, Nulls.SKIP))
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .addModule(new SimpleModule().addDeserializer(Duration.class, new DurationReader()))
          .build();

  static final ObjectMapper JSON = new ObjectMapper();

  private final String file;
  private final List<Problem> problems;

  /**
   * @param problems where to note what is wrong
   */
  RoutesReader(String file, List<Problem> problems) {
    this.file = file;
    this.problems = problems;
  }

  RoutesYaml read(JsonNode tree) {
    ObjectMapper collecting = YAML.copy().addHandler(this);
    try {
      return collecting.treeToValue(tree, RoutesYaml.class);
    } catch (JsonProcessingException e) {
      problems.add(new Problem(file, "file", e.getOriginalMessage(), "values of the right type"));
      return new RoutesYaml();
    }
  }

  @Override
  public boolean handleUnknownProperty(
      DeserializationContext context,
      JsonParser parser,
      JsonDeserializer<?> reader,
      Object owner,
      String name)
      throws IOException {
    Collection<Object> known = reader.getKnownPropertyNames();
    String keys =
        known == null
            ? "no such key"
            : "one of "
                + new TreeSet<>(known)
                    .stream().map(Object::toString).collect(Collectors.joining(", "));
    problems.add(new Problem(file, keyOf(parser), "unknown key", keys));
    parser.skipChildren();
    return true;
  }

  @Override
  public @Nullable Object handleWeirdStringValue(
      DeserializationContext context, Class<?> type, String value, @Nullable String why) {
    problems.add(new Problem(file, keyOf(context.getParser()), value, expected(type)));
    return null;
  }

  @Override
  public @Nullable Object handleWeirdNumberValue(
      DeserializationContext context, Class<?> type, Number value, @Nullable String why) {
    problems.add(new Problem(file, keyOf(context.getParser()), value.toString(), expected(type)));
    return null;
  }

  @Override
  public @Nullable Object handleUnexpectedToken(
      DeserializationContext context,
      JavaType type,
      @Nullable JsonToken token,
      JsonParser parser,
      @Nullable String why)
      throws IOException {
    String value =
        switch (token) {
          case START_OBJECT -> "keys";
          case START_ARRAY -> "a list";
          case null -> "nothing";
          default -> String.valueOf(parser.getText());
        };
    problems.add(new Problem(file, keyOf(parser), value, expected(type.getRawClass())));
    parser.skipChildren();
    return null;
  }

  private static String expected(Class<?> type) {
    if (type == Duration.class) {
      return "a duration such as 500ms, 5s or 1h";
    }
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(constant -> constant.toString().toLowerCase(Locale.ROOT).replace('_', '-'))
          .collect(Collectors.joining(" or "));
    }
    if (type == int.class || type == Integer.class) {
      return "a whole number";
    }
    if (type == double.class) {
      return "a number";
    }
    if (type == boolean.class) {
      return "true or false";
    }
    if (Collection.class.isAssignableFrom(type)) {
      return "a list";
    }
    return type == String.class ? "text" : "keys and values";
  }

  /** Where the parser stands: {@code upstreams.sample.endpoints[0]}. */
  private static String keyOf(JsonParser parser) {
    JsonStreamContext start = parser.getParsingContext();
    // At the start of a list or of keys, the parser is inside of them already.
    boolean inside = parser.currentToken() != null && parser.currentToken().isStructStart();
    StringBuilder key = new StringBuilder();
    for (JsonStreamContext at = inside ? start.getParent() : start;
        at != null && !at.inRoot();
        at = at.getParent()) {
      boolean above = at.getParent() != null && !at.getParent().inRoot();
      if (at.inArray()) {
        key.insert(0, "[" + at.getCurrentIndex() + "]");
      } else if (at.hasCurrentName()) {
        key.insert(0, (above && at.getParent().inObject() ? "." : "") + at.getCurrentName());
      }
    }
    return key.isEmpty() ? "file" : key.toString();
  }

  private static final class DurationReader extends StdScalarDeserializer<Duration> {
    DurationReader() {
      super(Duration.class);
    }

    @Override
    public @Nullable Duration deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      String text = parser.getValueAsString();
      if (text == null) {
        return (Duration) context.handleUnexpectedToken(Duration.class, parser);
      }
      try {
        return Durations.parse(text);
      } catch (RuntimeException e) {
        return (Duration) context.handleWeirdStringValue(Duration.class, text, "not a duration");
      }
    }
  }
}
