package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import org.junit.jupiter.api.Test;

class FramingTest {
  @Test
  void saysWhatIsWrong() {
    assertRefused("transfer-encoding: gzip, chunked", "transfer-encoding", "gzip, chunked");
    assertRefused("exactly one, chunked", "transfer-encoding", "chunked", "transfer-encoding", "x");
    assertRefused(
        "content-length: 4 beside", "transfer-encoding", "chunked", "content-length", "4");
    assertRefused("upgrade: h2c", "upgrade", "h2c");
    assertRefused("upgrade: h2c", "upgrade", "H2C", "connection", "upgrade");
  }

  @Test
  void takesTheRest() {
    Framing.check(head());
    Framing.check(head("content-length", "4"));
    Framing.check(head("transfer-encoding", "Chunked"));
    Framing.check(head("upgrade", "websocket", "connection", "upgrade"));
    HttpRequest upgrade =
        head("upgrade", "h2c", "connection", "a,Upgrade ,HTTP2-Settings", "http2-settings", "");
    Framing.check(upgrade);
    assertThat(upgrade.headers().size()).isEqualTo(3);
  }

  private static void assertRefused(String message, String... fields) {
    assertThatThrownBy(() -> Framing.check(head(fields))).hasMessageContaining(message);
  }

  private static HttpRequest head(String... fields) {
    HttpRequest head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/");
    for (int i = 0; i < fields.length; i += 2) {
      head.headers().add(fields[i], fields[i + 1]);
    }
    return head;
  }
}
