package io.tidegate.load;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server behind the gateway that can die: it greets whoever asks for whatever. */
final class Upstream implements AutoCloseable {
  private static final byte[] GREETING =
      "{\"greeting\":\"hello\"}".getBytes(StandardCharsets.US_ASCII);

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private Upstream(HttpServer server) {
    this.server = server;
  }

  /** One on a free port of loopback. */
  static Upstream start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    Upstream upstream = new Upstream(server);
    server.setExecutor(upstream.threads);
    server.createContext("/", Upstream::greet);
    server.start();
    return upstream;
  }

  private static void greet(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, GREETING.length);
    exchange.getResponseBody().write(GREETING);
    exchange.close();
  }

  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Dies at once, with requests in the middle; a second time does nothing. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
