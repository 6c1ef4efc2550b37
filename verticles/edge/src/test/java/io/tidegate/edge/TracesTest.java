package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bus.Trace;
import io.vertx.core.MultiMap;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TracesTest {
  private static final String PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  @Test
  void keepsWhatIsSane() {
    Trace trace =
        Traces.of(
            MultiMap.caseInsensitiveMultiMap()
                .add("X-Request-Id", "abc-1")
                .add("traceparent", PARENT));
    assertThat(trace).isEqualTo(new Trace("abc-1", PARENT));
  }

  @Test
  void makesWhatIsNot() {
    Trace trace =
        Traces.of(
            MultiMap.caseInsensitiveMultiMap()
                .add("X-Request-Id", "a b")
                .add("traceparent", "00-x"));
    assertThat(Traces.isSaneId(trace.requestId())).isTrue();
    assertThat(trace.requestId()).isNotEqualTo("a b");
    assertThat(Traces.isTraceparent(trace.traceparent())).isTrue();
  }

  @Test
  void aTraceThatBeginsHereIsSampledAndHasNoOtherOnesState() {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("tracestate", "vendor=1");
    assertThat(Traces.of(headers).traceparent()).endsWith("-01");
    assertThat(headers.contains("tracestate")).isFalse();
    MultiMap broken =
        MultiMap.caseInsensitiveMultiMap().add("traceparent", "00-x").add("tracestate", "vendor=1");
    assertThat(Traces.of(broken).traceparent()).endsWith("-01");
    assertThat(broken.contains("tracestate")).isFalse();
    MultiMap whole =
        MultiMap.caseInsensitiveMultiMap().add("traceparent", PARENT).add("tracestate", "vendor=1");
    assertThat(Traces.of(whole).traceparent()).isEqualTo(PARENT);
    assertThat(whole.get("tracestate")).isEqualTo("vendor=1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a\tb", "a\r\nb", "ä", "\u0000", "\u007f"})
  void anIdIsPrintableAscii(String id) {
    assertThat(Traces.isSaneId(id)).isFalse();
  }

  @Test
  void anIdIsShort() {
    assertThat(Traces.isSaneId("x".repeat(128))).isTrue();
    assertThat(Traces.isSaneId("x".repeat(129))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
      })
  void anInvalidTraceparentIsReplaced(String value) {
    assertThat(Traces.isTraceparent(value)).isFalse();
  }

  @Test
  void aLaterVersionMayGoOn() {
    assertThat(Traces.isTraceparent("cc" + PARENT.substring(2) + "-what-comes")).isTrue();
    assertThat(Traces.isTraceparent("cc" + PARENT.substring(2) + "what-comes")).isFalse();
  }

  @Test
  void newIdsAreUnique() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      assertThat(seen.add(Traces.newId())).isTrue();
      assertThat(Traces.isTraceparent(Traces.newTraceparent())).isTrue();
    }
  }
}
