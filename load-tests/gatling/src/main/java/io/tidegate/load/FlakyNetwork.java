package io.tidegate.load;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A phone's network: relays on loopback, one before each target, that delay what passes and now and
 * then cut a connection in the middle, so that nobody knows whether the request arrived.
 */
final class FlakyNetwork implements AutoCloseable {
  private static final int CHUNK = 16 << 10;
  private static final int CONNECT_MILLIS = 5_000;
  private static final int BACKLOG = 1_024;

  private final double cutting;
  private final int mostDelayMillis;
  private final List<ServerSocket> doors = new ArrayList<>();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicLong cuts = new AtomicLong();

  /**
   * A network that reaches nobody yet.
   *
   * @param cutting how likely a piece of a stream is the last of its connection, 0 to 1
   * @param mostDelayMillis of each piece; half of it on average
   */
  FlakyNetwork(double cutting, int mostDelayMillis) {
    this.cutting = cutting;
    this.mostDelayMillis = mostDelayMillis;
  }

  /**
   * The target as it is reached over this network.
   *
   * @param target {@code http://host:port}; of https the certificate would be for another name
   */
  String to(URI target) throws IOException {
    int port = target.getPort() < 0 ? 80 : target.getPort();
    InetSocketAddress address = new InetSocketAddress(target.getHost(), port);
    ServerSocket door = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    doors.add(door);
    Thread.ofVirtual().name("relay-" + door.getLocalPort()).start(() -> accept(door, address));
    return "http://127.0.0.1:" + door.getLocalPort();
  }

  /** Connections cut so far. */
  long cuts() {
    return cuts.get();
  }

  private void accept(ServerSocket door, InetSocketAddress target) {
    while (!door.isClosed()) {
      try {
        Socket client = door.accept();
        sockets.add(client);
        Thread.ofVirtual().start(() -> connect(client, target));
      } catch (IOException e) {
        // It is closed, or out of files for a moment.
      }
    }
  }

  private void connect(Socket client, InetSocketAddress target) {
    Socket server = new Socket();
    sockets.add(server);
    try {
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      server.connect(target, CONNECT_MILLIS);
    } catch (IOException e) {
      end(client, server, false);
      return;
    }
    Thread.ofVirtual().start(() -> pump(client, server));
    pump(server, client);
  }

  private void pump(Socket from, Socket to) {
    byte[] chunk = new byte[CHUNK];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      int size = in.read(chunk);
      while (size >= 0) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        TimeUnit.MILLISECONDS.sleep(random.nextInt(mostDelayMillis + 1));
        // Half of the cuts come before the piece arrived, half after.
        boolean cut = random.nextDouble() < cutting;
        if (!cut || random.nextBoolean()) {
          out.write(chunk, 0, size);
        }
        if (cut) {
          cuts.incrementAndGet();
          end(from, to, true);
          return;
        }
        size = in.read(chunk);
      }
    } catch (IOException e) {
      // One side has gone; the other follows.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    end(from, to, false);
  }

  private void end(Socket one, Socket other, boolean reset) {
    for (Socket socket : List.of(one, other)) {
      sockets.remove(socket);
      try {
        if (reset) {
          socket.setSoLinger(true, 0);
        }
        socket.close();
      } catch (IOException e) {
        // It was closed by the other side.
      }
    }
  }

  @Override
  public void close() {
    for (ServerSocket door : doors) {
      try {
        door.close();
      } catch (IOException e) {
        // It held nothing but the port.
      }
    }
    sockets.forEach(socket -> end(socket, socket, false));
  }
}
