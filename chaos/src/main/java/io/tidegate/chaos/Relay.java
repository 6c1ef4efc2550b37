package io.tidegate.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A TCP relay from one node to one server, that can be cut and healed. While it is cut nothing
 * passes, neither bytes nor a closing, and connections seem to open but nobody answers; what was on
 * its way arrives after healing, as TCP's repeats would bring it.
 */
final class Relay implements AutoCloseable {
  private static final int CHUNK = 16 << 10;
  private static final int CONNECT_MILLIS = 2_000;

  private final ServerSocket listening;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition healed = lock.newCondition();
  private boolean cut;
  private volatile InetSocketAddress target = new InetSocketAddress(0);

  private Relay(ServerSocket listening) {
    this.listening = listening;
  }

  /** A relay on any free port of this address, whose target is still to be told. */
  static Relay on(InetAddress address) {
    try {
      ServerSocket socket = new ServerSocket(0, 256, address);
      Relay relay = new Relay(socket);
      Thread.ofVirtual().name("relay-" + socket.getLocalPort()).start(relay::accept);
      return relay;
    } catch (IOException e) {
      throw new UncheckedIOException("a relay on " + address, e);
    }
  }

  /** Where connections go from now on. */
  Relay to(int port) {
    target = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    return this;
  }

  int port() {
    return listening.getLocalPort();
  }

  /** {@code host:port}. */
  String address() {
    return listening.getInetAddress().getHostAddress() + ":" + port();
  }

  void cut() {
    lock.lock();
    try {
      cut = true;
    } finally {
      lock.unlock();
    }
  }

  void heal() {
    lock.lock();
    try {
      cut = false;
      healed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void awaitHealed() {
    lock.lock();
    try {
      while (cut) {
        healed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        Thread.ofVirtual().name("relay-out").start(() -> connect(client));
      } catch (IOException e) {
        // Closed, which ends the loop; or one connection that failed, and others are welcome.
      }
    }
  }

  private void connect(Socket client) {
    awaitHealed();
    Socket server = new Socket();
    sockets.add(client);
    sockets.add(server);
    try {
      server.connect(target, CONNECT_MILLIS);
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      Thread.ofVirtual().name("relay-back").start(() -> pump(server, client));
      pump(client, server);
    } catch (IOException e) {
      end(client, server);
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] chunk = new byte[CHUNK];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        awaitHealed();
        out.write(chunk, 0, read);
      }
    } catch (IOException e) {
      // One side is gone; the other shall know.
    }
    awaitHealed();
    end(from, to);
  }

  private void end(Socket... ended) {
    for (Socket socket : ended) {
      sockets.remove(socket);
      try {
        socket.close();
      } catch (IOException e) {
        // It is of no more use either way.
      }
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    heal();
    end(sockets.toArray(Socket[]::new));
  }
}
