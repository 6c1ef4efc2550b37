package io.tidegate.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestPathTest {
  @ParameterizedTest
  @CsvSource({
    "/,/",
    "'',/",
    "/demo,/demo",
    "/demo/,/demo/",
    "/a.b/..c/d..,/a.b/..c/d..",
    "/%61dmin,/admin",
    "/caf%C3%A9,/café",
    "/admin;v=1/x;y,/admin/x",
    "/a%3Bb,/a;b",
    "/a%20b,/a b",
    "/%252e%252e/x,/%2e%2e/x",
    "/a/%61%62,/a/ab"
  })
  void isDecodedOnceWithoutParameters(String raw, String canonical) {
    assertThat(RequestPath.canonical(raw)).isEqualTo(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo",
        "*",
        "//",
        "//demo",
        "/demo//x",
        "/.",
        "/..",
        "/demo/../admin",
        "/demo/./x",
        "/demo/..",
        "/%2e%2e/admin",
        "/.%2E/admin",
        "/%2e/x",
        "/..;/admin",
        "/..;x=1/admin",
        "/%2e%2e;/x",
        "/;/x",
        "/a/;p",
        "/a%2fb",
        "/a%2Fb",
        "/a%5cb",
        "/a\\b",
        "/a%00",
        "/a%0d%0a",
        "/a%7f",
        "/a%",
        "/a%2",
        "/a%zz",
        "/a%c0%af",
        "/a%ff",
        "/a b",
        "/a\tb",
        "/a#b",
        "/é",
        "/a%2/b"
      })
  void ambiguousOnesAreRefused(String raw) {
    assertThatThrownBy(() -> RequestPath.canonical(raw))
        .isInstanceOfSatisfying(
            FailureException.class, e -> assertThat(e.failure()).isEqualTo(Failure.BAD_REQUEST))
        .hasMessageContaining("(expected: ");
  }

  @Test
  void whatIsAcceptedHasNoDotSegmentsHoweverItWasMade() {
    Random random = new Random(7);
    String[] pieces = {
      "/", ".", "..", "%2e", "%2F", ";", "a", "%61", "%", "\\", "%5c", "%00", "é", ";x=/", "%C3%A9",
      "%252e"
    };
    int accepted = 0;
    for (int i = 0; i < 50_000; i++) {
      StringBuilder raw = new StringBuilder("/");
      for (int j = random.nextInt(8); j > 0; j--) {
        raw.append(pieces[random.nextInt(pieces.length)]);
      }
      String path;
      try {
        path = RequestPath.canonical(raw.toString());
      } catch (FailureException refused) {
        continue;
      }
      accepted++;
      assertThat(path).startsWith("/").doesNotContain("//", "\\");
      assertThat((path + "/").split("/")).as(raw.toString()).doesNotContain(".", "..");
      // Segments of the raw and the canonical path pair up, or rewriting would cut elsewhere than
      // matching.
      assertThat(path.chars().filter(c -> c == '/').count())
          .isEqualTo(raw.chars().filter(c -> c == '/').count());
    }
    assertThat(accepted).isGreaterThan(1_000);
  }

  @Test
  void queriesGoOnAsTheyWereSent() {
    RequestPath.checkQuery("");
    RequestPath.checkQuery("a=b&c[]={\"x\"|y}&d=%zz?/;:@^`<>\\~!$'()*+,");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a b", "a\tb", "a\rb", "a\nb", "\0", "a\u0001", "\u007f", "\u00e9", "a#b"})
  void queriesThatEndTheRequestLineAreRefused(String raw) {
    assertThatThrownBy(() -> RequestPath.checkQuery(raw))
        .isInstanceOfSatisfying(
            FailureException.class, e -> assertThat(e.failure()).isEqualTo(Failure.BAD_REQUEST))
        .hasMessageStartingWith("query: ");
  }

  @Test
  void segmentsAreCutAsSent() {
    assertThat(RequestPath.segment("/a/b%20c/d", 1)).isEqualTo("b%20c");
    assertThat(RequestPath.segment("/a", 3)).isEmpty();
    assertThat(RequestPath.slashOf("/a/b/c", 2)).isEqualTo(4);
    assertThat(RequestPath.slashOf("/a", 2)).isEqualTo(2);
  }
}
