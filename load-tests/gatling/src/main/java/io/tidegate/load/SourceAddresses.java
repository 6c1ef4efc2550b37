package io.tidegate.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.stream.IntStream;

/** The addresses a run connects from, so that a gateway sees more than one client. */
final class SourceAddresses {
  private static final int ON_LOOPBACK = 16;

  private SourceAddresses() {}

  /**
   * Those given; else several of loopback when all targets are there and the system has them (Linux
   * does); else none, which means any.
   */
  static List<String> choose(List<String> given, List<URI> targets) {
    if (!given.isEmpty() || !targets.stream().allMatch(SourceAddresses::isLoopback)) {
      return List.copyOf(given);
    }
    return IntStream.rangeClosed(1, ON_LOOPBACK)
        .mapToObj(last -> "127.0.0." + last)
        .filter(SourceAddresses::canBind)
        .toList();
  }

  private static boolean isLoopback(URI target) {
    return target.getHost().startsWith("127.") || target.getHost().equals("localhost");
  }

  private static boolean canBind(String address) {
    try (Socket probe = new Socket()) {
      probe.bind(new InetSocketAddress(address, 0));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
