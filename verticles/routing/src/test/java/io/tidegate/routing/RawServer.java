package io.tidegate.routing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** An upstream that speaks bytes, for what no decent HTTP server does. */
final class RawServer implements AutoCloseable {
  /** What to do with one connection, whose first request head was read. */
  interface Script {
    void run(Socket socket, String head) throws Exception;
  }

  private final ServerSocket listener;
  final AtomicInteger requests = new AtomicInteger();
  final AtomicInteger hangUps = new AtomicInteger();

  RawServer(Script script) throws IOException {
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual()
        .start(
            () -> {
              while (!listener.isClosed()) {
                try {
                  Socket socket = listener.accept();
                  Thread.ofVirtual().start(() -> serve(socket, script));
                } catch (IOException e) {
                  return;
                }
              }
            });
  }

  private void serve(Socket socket, Script script) {
    try (socket) {
      String head = head(socket.getInputStream());
      if (!head.isEmpty()) {
        requests.incrementAndGet();
        script.run(socket, head);
      }
    } catch (Exception e) {
      hangUps.incrementAndGet();
    }
  }

  static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    int c;
    while ((c = in.read()) >= 0) {
      head.append((char) c);
      if (head.length() >= 4 && head.substring(head.length() - 4).equals("\r\n\r\n")) {
        break;
      }
    }
    return head.toString();
  }

  static Socket connect(int port) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), port);
  }

  static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    socket.getOutputStream().flush();
  }

  /** Closes with a RST rather than a FIN. */
  static void reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** Waits until the peer closes, and counts that. */
  void awaitHangUp(Socket socket) throws IOException {
    try {
      while (socket.getInputStream().read() >= 0) {
        // Whatever else comes is of no interest.
      }
    } finally {
      hangUps.incrementAndGet();
    }
  }

  int port() {
    return listener.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
