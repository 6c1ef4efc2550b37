package io.tidegate.routing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerResponse;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Large bodies, slow peers, and tables that change under traffic. */
class StreamingIT {
  private static final long LARGE = 100L << 20;

  @TempDir Path folder;

  private static String yaml(String extra, int port) {
    return "upstreams:\n  up:\n    endpoints: [\"http://127.0.0.1:"
        + port
        + "\"]\nroutes:\n  all:\n    path: /*\n    upstream: up\n    auth: none\n"
        + extra;
  }

  private static void pour(HttpServerResponse to, long left) {
    Buffer piece = Buffer.buffer(new byte[64 << 10]);
    long rest = left;
    while (rest > 0 && !to.writeQueueFull()) {
      var unused = to.write(piece);
      rest -= piece.length();
    }
    if (rest <= 0) {
      var unused = to.end();
    } else {
      long then = rest;
      to.drainHandler(room -> pour(to, then));
    }
  }

  @Test
  void aSlowReaderHoldsBackTheUpstreamAndAllArrives() throws Exception {
    try (Door door = new Door(folder, yaml("", 1))) {
      HttpServer source =
          Door.await(
              door.vertx
                  .createHttpServer()
                  .requestHandler(
                      request -> {
                        request.response().putHeader("content-length", Long.toString(LARGE));
                        pour(request.response(), LARGE);
                      })
                  .listen(0, "127.0.0.1"));
      // Counts what the upstream got rid of.
      try (CountingProxy counted = new CountingProxy(source.actualPort())) {
        door.reload(yaml("", counted.port()));
        try (Socket client = RawServer.connect(door.port())) {
          RawServer.write(client, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
          InputStream in = client.getInputStream();
          RawServer.head(in);
          assertRests(counted.down);
          assertThat(counted.down.get())
              .as("bytes taken from the upstream for a client that does not read")
              .isLessThan(LARGE / 3);
          long read = 0;
          byte[] buffer = new byte[1 << 16];
          for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            read += n;
          }
          assertThat(read).isEqualTo(LARGE);
        }
      }
    }
  }

  @Test
  void aSlowUpstreamHoldsBackTheClientAndAllArrives() throws Exception {
    AtomicLong received = new AtomicLong();
    AtomicBoolean reading = new AtomicBoolean();
    try (RawServer slow =
        new RawServer(
            (socket, head) -> {
              Door.until("the start", reading::get);
              byte[] buffer = new byte[1 << 16];
              InputStream in = socket.getInputStream();
              while (received.get() < LARGE) {
                int n = in.read(buffer);
                if (n < 0) {
                  return;
                }
                received.addAndGet(n);
              }
              RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            })) {
      try (Door door = new Door(folder, yaml("", slow.port()));
          Socket client = RawServer.connect(door.port())) {
        RawServer.write(
            client,
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: "
                + LARGE
                + "\r\n\r\n");
        AtomicLong sent = new AtomicLong();
        Thread sender =
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        OutputStream out = client.getOutputStream();
                        byte[] piece = new byte[1 << 16];
                        while (sent.get() < LARGE) {
                          out.write(piece);
                          sent.addAndGet(piece.length);
                        }
                      } catch (java.io.IOException e) {
                        sent.set(-1);
                      }
                    });
        Door.until("the sender to begin", () -> sent.get() > 0);
        assertRests(sent);
        assertThat(sent.get())
            .as("bytes taken from the client for an upstream that does not read")
            .isLessThan(LARGE / 3);
        reading.set(true);
        sender.join();
        assertThat(new String(client.getInputStream().readAllBytes(), ISO_8859_1))
            .startsWith("HTTP/1.1 200")
            .endsWith("ok");
        assertThat(received).hasValue(LARGE);
      }
    }
  }

  /** Waits until the count has stood still for some time. */
  private static void assertRests(AtomicLong count) {
    long[] last = {-1, System.nanoTime()};
    Door.until(
        "the flow to rest",
        () -> {
          if (count.get() != last[0]) {
            last[0] = count.get();
            last[1] = System.nanoTime();
          }
          return last[0] > 0 && System.nanoTime() - last[1] > 500_000_000L;
        });
  }

  @Test
  void tablesChangeUnderTrafficWithoutAFailedRequest() throws Exception {
    try (Door door = new Door(folder, yaml("", 1))) {
      HttpServer up =
          Door.await(
              door.vertx
                  .createHttpServer()
                  .requestHandler(r -> r.response().end(String.valueOf(r.getHeader("x-v"))))
                  .listen(0, "127.0.0.1"));
      door.reload(yaml("", up.actualPort()));
      AtomicBoolean going = new AtomicBoolean(true);
      AtomicLong answered = new AtomicLong();
      ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
      List<Thread> clients = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        clients.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      while (going.get()) {
                        try (Socket socket = RawServer.connect(door.port())) {
                          RawServer.write(
                              socket, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
                          String answer =
                              new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
                          if (!answer.startsWith("HTTP/1.1 200")) {
                            wrong.add(answer);
                          }
                          answered.incrementAndGet();
                        } catch (java.io.IOException e) {
                          wrong.add(e.toString());
                        }
                      }
                    }));
      }
      for (int i = 0; i < 10; i++) {
        door.reload(yaml("    request-headers: {set: {x-v: v" + i + "}}\n", up.actualPort()));
        long then = answered.get();
        Door.until("more answers", () -> answered.get() > then + 20);
        if (i % 3 == 0) {
          long failedBefore = (long) door.count("tidegate.routing.reload.failed");
          long version = door.routes.version();
          java.nio.file.Files.writeString(door.file, yaml("", up.actualPort()).substring(0, 40));
          Door.until(
              "the refusal",
              () -> door.count("tidegate.routing.reload.failed") == failedBefore + 1);
          assertThat(door.routes.version()).isEqualTo(version);
        }
      }
      going.set(false);
      for (Thread client : clients) {
        client.join();
      }
      assertThat(wrong).isEmpty();
      assertThat(door.failures).isEmpty();
      assertThat(answered.get()).isGreaterThan(200);
    }
  }

  @Test
  void aBadFileAtTheStartIsRefusedWithItsProblems() throws Exception {
    assertThat(
            org.assertj.core.api.Assertions.catchThrowable(
                () -> new Door(folder, "routes: {a: {path: b}}")))
        .hasMessageContaining("routes.a.path: b")
        .hasMessageContaining("routes.a.upstream");
  }

  /** Passes bytes on and counts those that come down. */
  private static final class CountingProxy implements AutoCloseable {
    final AtomicLong down = new AtomicLong();
    private final RawServer server;

    CountingProxy(int target) throws java.io.IOException {
      server =
          new RawServer(
              (socket, head) -> {
                try (Socket up = RawServer.connect(target)) {
                  RawServer.write(up, head);
                  InputStream in = up.getInputStream();
                  byte[] buffer = new byte[1 << 16];
                  for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    down.addAndGet(n);
                    socket.getOutputStream().write(buffer, 0, n);
                  }
                }
              });
    }

    int port() {
      return server.port();
    }

    @Override
    public void close() throws java.io.IOException {
      server.close();
    }
  }
}
