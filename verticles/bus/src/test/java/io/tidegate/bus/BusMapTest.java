package io.tidegate.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bus.Channel.Call;
import io.tidegate.bus.Channel.Event;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BusMapTest {
  private static final Path PAGE = Path.of("../../docs/bus-map.md");

  @Test
  void everyChannelIsListedOnceAndNamedByTheRule() throws IllegalAccessException {
    List<Object> declared = new java.util.ArrayList<>();
    for (var field : BusMap.class.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers())
          && Channel.class.isAssignableFrom(field.getType())) {
        declared.add(field.get(null));
      }
    }
    assertThat(BusMap.CHANNELS).hasSameElementsAs(Arrays.asList(declared.toArray(Channel[]::new)));
    assertThat(BusMap.CHANNELS).extracting(Channel::address).doesNotHaveDuplicates();
    assertThat(BusMap.CHANNELS)
        .allSatisfy(channel -> assertThat(channel.address()).matches("[a-z]+\\.[a-z]+"));
  }

  @Test
  void failureCodesAreUniqueAndSayWhoseFaultItIs() {
    assertThat(Failure.values()).extracting(Failure::code).doesNotHaveDuplicates();
    assertThat(Failure.RATE_LIMITED.blame()).isEqualTo(Failure.Blame.OVERLOAD);
    assertThat(Failure.NO_ROUTE.blame()).isEqualTo(Failure.Blame.CALLER);
    assertThat(Failure.UPSTREAM_REFUSED.blame()).isEqualTo(Failure.Blame.DEPENDENCY);
    assertThat(Failure.INTERNAL.blame()).isEqualTo(Failure.Blame.INTERNAL);
    assertThat(Failure.ofCode(2000)).isEqualTo(Failure.RATE_LIMITED);
    assertThat(Failure.ofCode(9999)).isNull();
  }

  /** Run with {@code -Dtidegate.write-docs=true} to write the page anew. */
  @Test
  void pageIsUpToDate() throws IOException {
    StringBuilder page =
        new StringBuilder(
            """
            # The bus map

            Generated from `BusMap`; a test keeps it true. To write it anew:
            `./mvnw -pl verticles/bus -am test -Dtest=BusMapTest -Dsurefire.failIfNoSpecifiedTests=false -Dtidegate.write-docs=true`.

            | address | kind | message | reply | time limit | in flight | what for |
            |---|---|---|---|---|---|---|
            """);
    for (Channel channel : BusMap.CHANNELS) {
      page.append(
          switch (channel) {
            case Call<?, ?> call ->
                "| `%s` | call | `%s` | `%s` | %d ms | %d | %s |\n"
                    .formatted(
                        call.address(),
                        ProtoCodec.nameOf(call.request()),
                        ProtoCodec.nameOf(call.reply()),
                        call.timeLimit().toMillis(),
                        call.maxInFlight(),
                        call.purpose());
            case Event<?> event ->
                "| `%s` | event | `%s` | - | - | - | %s |\n"
                    .formatted(
                        event.address(), ProtoCodec.nameOf(event.message()), event.purpose());
          });
    }
    if (Boolean.getBoolean("tidegate.write-docs")) {
      Files.writeString(PAGE, page);
    }
    assertThat(PAGE).hasContent(page.toString());
  }
}
