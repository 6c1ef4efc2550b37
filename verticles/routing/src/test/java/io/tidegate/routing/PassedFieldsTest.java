package io.tidegate.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PassedFieldsTest {
  @Test
  void passesFieldsInTheirOrderWithTheirRepetitions() {
    MultiMap to =
        passed(
            HttpHeaders.headers()
                .add("Set-Cookie", "a=1")
                .add("Content-Type", "text/plain")
                .add("set-cookie", "b=2"),
            PassedFields.HOP_BY_HOP);
    assertThat(to.entries())
        .extracting(Map.Entry::getKey, Map.Entry::getValue)
        .containsExactly(
            tuple("Set-Cookie", "a=1"),
            tuple("Content-Type", "text/plain"),
            tuple("set-cookie", "b=2"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization",
        "TE", "Trailer", "Transfer-Encoding", "Upgrade", "HTTP2-Settings"
      })
  void whatConcernsOneConnectionStaysBehindWhateverItsCase(String name) {
    for (String spelled : new String[] {name, name.toLowerCase(Locale.ROOT)}) {
      MultiMap from = HttpHeaders.headers().add(spelled, "x").add("kept", "1");
      assertThat(passed(from, PassedFields.HOP_BY_HOP).names()).containsExactly("kept");
    }
  }

  @Test
  void whatConnectionNamesStaysBehind() {
    MultiMap from =
        HttpHeaders.headers()
            .add("Connection", "keep-alive, X-Mine,,")
            .add("connection", " x-yours ")
            .add("x-mine", "1")
            .add("X-Yours", "2")
            .add("x-mine-too", "3");
    assertThat(passed(from, PassedFields.HOP_BY_HOP).names()).containsExactly("x-mine-too");
  }

  @Test
  void otherKindsStayBehindWhenAsked() {
    MultiMap from =
        HttpHeaders.headers()
            .add("Authorization", "Bearer t")
            .add("X-Forwarded-For", "203.0.113.9")
            .add("X-Real-IP", "203.0.113.9")
            .add("Content-Length", "3")
            .add("Host", "shop");
    assertThat(passed(from, 0).names()).hasSize(5);
    assertThat(passed(from, PassedFields.REQUEST_FRAME | PassedFields.FORWARDED).names())
        .containsExactly("Authorization");
    assertThat(passed(from, PassedFields.CONTENT_LENGTH | PassedFields.AUTHORIZATION).names())
        .containsExactlyInAnyOrder("X-Forwarded-For", "X-Real-IP", "Host");
  }

  @Test
  void otherMapsThanThoseOfHttp1PassTheSame() {
    MultiMap from =
        MultiMap.caseInsensitiveMultiMap().add("te", "trailers").add("a", "1").add("a", "2");
    assertThat(passed(from, PassedFields.HOP_BY_HOP).getAll("a")).containsExactly("1", "2");
    assertThat(passed(from, PassedFields.HOP_BY_HOP).contains("te")).isFalse();
  }

  private static MultiMap passed(MultiMap from, int without) {
    MultiMap to = HttpHeaders.headers();
    PassedFields.pass(from, to, without);
    return to;
  }
}
