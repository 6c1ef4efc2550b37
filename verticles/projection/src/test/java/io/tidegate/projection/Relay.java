package io.tidegate.projection;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** A way to Postgres that can be cut without a word, and healed. */
final class Relay implements AutoCloseable {
  private final ServerSocket listening = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final URI target;
  private volatile CountDownLatch open = new CountDownLatch(0);

  Relay(String uri) throws IOException {
    target = URI.create(uri);
    Thread.ofVirtual().start(this::accept);
  }

  /** The database through this relay. */
  String uri() {
    return target
        .toString()
        .replace(
            target.getHost() + ":" + target.getPort(),
            listening.getInetAddress().getHostAddress() + ":" + listening.getLocalPort());
  }

  void cut() {
    open = new CountDownLatch(1);
  }

  void heal() {
    open.countDown();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        Socket server = new Socket(target.getHost(), target.getPort());
        sockets.add(client);
        sockets.add(server);
        Thread.ofVirtual().start(() -> pump(client, server));
        Thread.ofVirtual().start(() -> pump(server, client));
      } catch (IOException e) {
        // Closed, which ends the loop.
      }
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] chunk = new byte[16 << 10];
    try (from;
        to) {
      for (int read = from.getInputStream().read(chunk);
          read >= 0;
          read = from.getInputStream().read(chunk)) {
        open.await();
        to.getOutputStream().write(chunk, 0, read);
      }
      open.await();
    } catch (IOException | InterruptedException e) {
      // One side is gone, and with this the other.
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    heal();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
