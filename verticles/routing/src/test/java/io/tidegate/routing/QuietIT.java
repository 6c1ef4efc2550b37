package io.tidegate.routing;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.Socket;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What any client or upstream can do at will is not worth a line in the log each time. */
class QuietIT extends DoorTest {
  @Test
  void hangUpsAndGarbageAreNotLogged() throws Exception {
    ListAppender<ILoggingEvent> seen = new ListAppender<>();
    seen.list = new CopyOnWriteArrayList<>();
    seen.start();
    Logger root = (Logger) LoggerFactory.getLogger("io.vertx");
    root.addAppender(seen);
    try (RawServer odd =
        new RawServer(
            (socket, head) -> {
              if (head.startsWith("GET /garbage")) {
                RawServer.write(socket, "SSH-2.0-OpenSSH_9.2\r\n\r\n");
              } else if (head.startsWith("GET /half")) {
                RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello");
                RawServer.reset(socket);
              } else {
                if (head.startsWith("GET /body")) {
                  RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello");
                }
                socket.getInputStream().read();
              }
            })) {
      Door door = open("connections: 2\nqueue: 9\nretry: {attempts: 0}", "", odd.port());
      raw(door, "GET /garbage HTTP/1.0\r\nHost: a\r\n\r\n");
      raw(door, "GET /half HTTP/1.0\r\nHost: a\r\n\r\n");
      int before = odd.requests.get();
      try (Socket head = RawServer.connect(door.port());
          Socket body = RawServer.connect(door.port());
          Socket waiting = RawServer.connect(door.port())) {
        RawServer.write(head, "GET /head HTTP/1.1\r\nHost: a\r\n\r\n");
        RawServer.write(body, "GET /body HTTP/1.1\r\nHost: a\r\n\r\n");
        Door.until("the requests", () -> odd.requests.get() == before + 2);
        RawServer.write(waiting, "POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
        Door.until(
            "three under way",
            () -> door.meters.get("tidegate.routing.in.flight").gauge().value() == 3);
      }
      Door.until(
          "none under way",
          () -> door.meters.get("tidegate.routing.in.flight").gauge().value() == 0);
      close();
    } finally {
      root.detachAppender(seen);
    }
    assertThat(seen.list)
        .filteredOn(line -> line.getLevel().isGreaterOrEqual(Level.WARN))
        .isEmpty();
  }
}
