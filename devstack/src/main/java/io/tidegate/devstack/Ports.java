package io.tidegate.devstack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntFunction;

/** TCP ports on the loopback address. */
public final class Ports {
  /**
   * Free ports are taken from below the range that systems use for outgoing connections: a client
   * that keeps dialling a stopped server could otherwise be given the server's own port and connect
   * to itself, and the server could not start there again.
   */
  private static final int FIRST = 20_000;

  private static final int LAST = 32_000;
  private static final int TRIES = 3;

  private Ports() {}

  /** A port nobody listens on at the moment. */
  public static int free() {
    for (int i = 0; i < 1_000; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
      if (isFree(port)) {
        return port;
      }
    }
    throw new DevStackException("no free port between " + FIRST + " and " + LAST);
  }

  static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  static void requireFree(String server, int port) {
    if (!isFree(port)) {
      throw new Taken(server, port);
    }
  }

  /**
   * Starts on the wanted port or, when that is 0, on a free one, and on another if that was just
   * lost.
   */
  static <T> T startOn(int wanted, IntFunction<T> start) {
    if (wanted != 0) {
      return start.apply(wanted);
    }
    for (int tries = 1; ; tries++) {
      int port = free();
      try {
        return start.apply(port);
      } catch (DevStackException e) {
        // One that was seen taken may be free again by now: another start looked whether it is.
        boolean lost = e instanceof Taken || !isFree(port);
        if (tries == TRIES || !lost) {
          throw e;
        }
      }
    }
  }

  static final class Taken extends DevStackException {
    private static final long serialVersionUID = 1L;

    Taken(String server, int port) {
      super("port " + port + " is taken by another process (wanted for " + server + ")");
    }
  }
}
