package io.tidegate.ratelimit;

import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the client's address behind proxies that are trusted by configuration. Immutable, safe from
 * any thread.
 *
 * <p>Reads the chain of hops from the right, where the nearest proxy wrote, and goes left only
 * while the hop is trusted: what a client wrote itself is never believed. What cannot be read ends
 * the walk at the last address known.
 */
public final class ClientAddress {
  /** Hops looked at; a longer chain is not one of ours. */
  private static final int MAX_HOPS = 32;

  /** Characters looked at, from the right; proxies write a few dozen a hop. */
  private static final int MAX_LENGTH = 4_096;

  private final List<Subnet> trusted;

  /**
   * @param trusted proxies as addresses or CIDR blocks, {@code 10.0.0.0/8}, {@code fd00::/8}
   * @throws IllegalArgumentException naming every entry that is neither
   */
  public ClientAddress(List<String> trusted) {
    List<String> wrong = trusted.stream().filter(block -> Subnet.parse(block) == null).toList();
    if (!wrong.isEmpty()) {
      throw new IllegalArgumentException(
          "trusted proxies: "
              + String.join(", ", wrong)
              + " (expected: addresses or CIDR blocks such as 10.0.0.0/8)");
    }
    List<Subnet> subnets = new ArrayList<>();
    for (String block : trusted) {
      Subnet subnet = Subnet.parse(block);
      if (subnet != null) {
        subnets.add(subnet);
      }
    }
    this.trusted = List.copyOf(subnets);
  }

  /**
   * The client's address: the socket's, or what trusted proxies say. A proxy passes on the header
   * that it does not write itself, so when both are there and differ one of them is the client's
   * invention, and the socket's address counts.
   *
   * @param socket numeric address of the TCP peer, no port
   * @param xForwardedFor the {@code X-Forwarded-For} values in order
   * @param forwarded the {@code Forwarded} values in order (RFC 7239)
   */
  public String of(String socket, List<String> xForwardedFor, List<String> forwarded) {
    byte @Nullable [] peer = parse(socket);
    if (peer == null) {
      return socket;
    }
    String direct = NetUtil.bytesToIpAddress(peer);
    if ((xForwardedFor.isEmpty() && forwarded.isEmpty()) || !isTrusted(peer)) {
      return direct;
    }
    if (forwarded.isEmpty()) {
      return walk(peer, xForwardedFor, false);
    }
    String said = walk(peer, forwarded, true);
    return xForwardedFor.isEmpty() || said.equals(walk(peer, xForwardedFor, false)) ? said : direct;
  }

  /**
   * What an address counts as: itself, or its /64 for IPv6, since a single client owns all of a
   * /64.
   */
  public static String subject(String address) {
    byte @Nullable [] bytes = parse(address);
    if (bytes == null) {
      return address;
    }
    if (bytes.length == 4) {
      return NetUtil.bytesToIpAddress(bytes);
    }
    Arrays.fill(bytes, 8, 16, (byte) 0);
    return NetUtil.bytesToIpAddress(bytes) + "/64";
  }

  private String walk(byte[] peer, List<String> values, boolean rfc7239) {
    byte[] known = peer;
    int hops = 0;
    int read = 0;
    for (int line = values.size() - 1; line >= 0; line--) {
      String value = values.get(line);
      int end = value.length();
      while (end >= 0) {
        int start = rfc7239 ? unquotedCommaBefore(value, end) : value.lastIndexOf(',', end - 1);
        read += end - start;
        if (++hops > MAX_HOPS || read > MAX_LENGTH) {
          return NetUtil.bytesToIpAddress(known);
        }
        String hop = value.substring(start + 1, end).strip();
        byte @Nullable [] said = parse(withoutPort(rfc7239 ? forOf(hop) : hop));
        if (said == null || !isTrusted(said)) {
          return NetUtil.bytesToIpAddress(said == null ? known : said);
        }
        known = said;
        end = start;
      }
    }
    return NetUtil.bytesToIpAddress(known);
  }

  private boolean isTrusted(byte[] address) {
    for (Subnet subnet : trusted) {
      if (subnet.contains(address)) {
        return true;
      }
    }
    return false;
  }

  /**
   * From the right: an unbalanced quote of the client's, further left, must not swallow what a
   * proxy wrote.
   */
  private static int unquotedCommaBefore(String value, int end) {
    boolean quoted = false;
    int least = Math.max(0, end - MAX_LENGTH);
    for (int i = end - 1; i >= least; i--) {
      char c = value.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        return i;
      }
    }
    return -1;
  }

  /**
   * The {@code for} parameter of one element, unquoted; empty when there is none or more than one.
   */
  private static String forOf(String element) {
    String found = "";
    for (String pair : element.split(";", MAX_HOPS)) {
      int equals = pair.indexOf('=');
      if (equals > 0 && pair.substring(0, equals).strip().equalsIgnoreCase("for")) {
        if (!found.isEmpty()) {
          return "";
        }
        found = pair.substring(equals + 1).strip();
      }
    }
    boolean quoted = found.length() >= 2 && found.startsWith("\"") && found.endsWith("\"");
    return quoted ? found.substring(1, found.length() - 1) : found;
  }

  private static String withoutPort(String node) {
    if (node.startsWith("[")) {
      int close = node.indexOf(']');
      boolean port = close > 0 && (close == node.length() - 1 || isPort(node, close + 1));
      return port ? node.substring(1, close) : "";
    }
    int colon = node.indexOf(':');
    boolean one = colon > 0 && colon == node.lastIndexOf(':');
    return one ? (isPort(node, colon) ? node.substring(0, colon) : "") : node;
  }

  private static boolean isPort(String node, int colon) {
    int digits = node.length() - colon - 1;
    return node.charAt(colon) == ':'
        && digits >= 1
        && digits <= 5
        && node.chars().skip(colon + 1L).allMatch(c -> c >= '0' && c <= '9');
  }

  /** 4 or 16 bytes, IPv4-mapped as 4; null when it is no numeric address. */
  static byte @Nullable [] parse(String text) {
    if (text.isEmpty() || text.length() > 64 || text.charAt(0) == '[') {
      return null;
    }
    int zone = text.indexOf('%');
    byte @Nullable [] bytes =
        NetUtil.createByteArrayFromIpAddressString(zone < 0 ? text : text.substring(0, zone));
    return bytes != null && isMapped(bytes) ? Arrays.copyOfRange(bytes, 12, 16) : bytes;
  }

  private static boolean isMapped(byte[] bytes) {
    if (bytes.length != 16 || bytes[10] != (byte) 0xff || bytes[11] != (byte) 0xff) {
      return false;
    }
    for (int i = 0; i < 10; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }
}
