package io.tidegate.edge;

import io.tidegate.bus.Trace;
import io.vertx.core.MultiMap;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Gives a request its id and its place in a trace: the caller's where they are sane, else new ones.
 */
final class Traces {
  static final int MAX_ID = 128;

  /** Tells this process's ids from every other's; the counter tells them from each other. */
  private static final String PREFIX =
      UUID.randomUUID().toString().substring(0, 13).replace("-", "") + "-";

  private static final AtomicLong COUNTER = new AtomicLong();
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private Traces() {}

  static Trace of(MultiMap headers) {
    String id = headers.get(Fields.REQUEST_ID);
    String parent = headers.get(Fields.TRACEPARENT);
    boolean goesOn = parent != null && isTraceparent(parent);
    if (!goesOn && headers.contains(Fields.TRACESTATE)) {
      // It belongs to the trace that is not gone on with (W3C trace context, 3.3).
      headers.remove(Fields.TRACESTATE);
    }
    return new Trace(
        id != null && isSaneId(id) ? id : newId(),
        parent != null && goesOn ? parent : newTraceparent());
  }

  static String newId() {
    return PREFIX + Long.toHexString(COUNTER.incrementAndGet());
  }

  /** Printable ASCII, 1 to 128 characters: fit to go into headers, logs and Kafka as it is. */
  static boolean isSaneId(String id) {
    if (id.isEmpty() || id.length() > MAX_ID) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      if (c <= 0x20 || c >= 0x7f) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether it is {@code version-traceid-parentid-flags} as <a
   * href="https://www.w3.org/TR/trace-context/">W3C trace context</a> wants it: lower-case hex, ids
   * not all zero, version not ff; a later version may go on after a dash.
   */
  static boolean isTraceparent(String value) {
    if (value.length() < 55
        || value.length() > 128
        || value.charAt(2) != '-'
        || value.charAt(35) != '-'
        || value.charAt(52) != '-') {
      return false;
    }
    if (!isHex(value, 0, 2)
        || !isHex(value, 3, 35)
        || !isHex(value, 36, 52)
        || !isHex(value, 53, 55)) {
      return false;
    }
    if (value.startsWith("ff") || isZero(value, 3, 35) || isZero(value, 36, 52)) {
      return false;
    }
    return value.length() == 55 || (!value.startsWith("00") && value.charAt(55) == '-');
  }

  /**
   * A trace that begins here. It is flagged as sampled: whoever samples by the parent's flag would
   * drop all of them otherwise, and nobody else decides here.
   */
  static String newTraceparent() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    char[] out = new char[55];
    out[0] = '0';
    out[1] = '0';
    out[2] = '-';
    hex(random.nextLong(), out, 3);
    hex(random.nextLong() | 1, out, 19);
    out[35] = '-';
    hex(random.nextLong() | 1, out, 36);
    out[52] = '-';
    out[53] = '0';
    out[54] = '1';
    return new String(out);
  }

  private static void hex(long value, char[] out, int at) {
    for (int i = 15; i >= 0; i--) {
      out[at + i] = HEX[(int) (value & 15)];
      value >>>= 4;
    }
  }

  private static boolean isHex(String value, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = value.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isZero(String value, int from, int to) {
    for (int i = from; i < to; i++) {
      if (value.charAt(i) != '0') {
        return false;
      }
    }
    return true;
  }
}
