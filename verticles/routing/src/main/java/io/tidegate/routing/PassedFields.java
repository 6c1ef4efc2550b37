package io.tidegate.routing;

import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Passes header fields on from one message to another, in one go and with names and values as they
 * came: by way of {@link MultiMap#addAll} and {@link MultiMap#remove} each name is made a String,
 * hashed and looked up a dozen times.
 */
final class PassedFields {
  /**
   * What concerns one connection only (RFC 9110 7.6.1), and what this gateway answers or sets
   * itself.
   */
  static final int HOP_BY_HOP = 1;

  /** What a request to an upstream says anew of itself. */
  static final int REQUEST_FRAME = 1 << 1;

  static final int AUTHORIZATION = 1 << 2;

  /** What proxies say of the client. */
  static final int FORWARDED = 1 << 3;

  static final int REQUEST_ID = 1 << 4;
  static final int TRACEPARENT = 1 << 5;
  static final int CONTENT_LENGTH = 1 << 6;

  private static final CharSequence CONNECTION = HttpHeaders.createOptimized("connection");

  // Open addressing, about a third full; a name's slot is told by its hash, whatever its case.
  private static final int SLOTS = 64;
  private static final AsciiString[] NAMES = new AsciiString[SLOTS];
  private static final int[] KINDS = new int[SLOTS];

  static {
    know(HOP_BY_HOP, "connection", "keep-alive", "proxy-connection", "proxy-authenticate");
    know(HOP_BY_HOP, "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade");
    know(HOP_BY_HOP, "http2-settings");
    know(REQUEST_FRAME, "host", "expect");
    know(REQUEST_FRAME | CONTENT_LENGTH, "content-length");
    know(AUTHORIZATION, "authorization");
    know(FORWARDED, "forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host");
    know(FORWARDED, "x-forwarded-port", "x-real-ip");
    know(REQUEST_ID, "x-request-id");
    know(TRACEPARENT, "traceparent");
  }

  private PassedFields() {}

  private static void know(int kinds, String... names) {
    for (String name : names) {
      AsciiString known = AsciiString.cached(name);
      int slot = known.hashCode() & (SLOTS - 1);
      while (NAMES[slot] != null) {
        slot = (slot + 1) & (SLOTS - 1);
      }
      NAMES[slot] = known;
      KINDS[slot] = kinds;
    }
  }

  /** What a field is, by the bits above; 0 for all that simply passes. */
  static int kinds(CharSequence name) {
    int slot = AsciiString.hashCode(name) & (SLOTS - 1);
    while (NAMES[slot] != null) {
      if (AsciiString.contentEqualsIgnoreCase(NAMES[slot], name)) {
        return KINDS[slot];
      }
      slot = (slot + 1) & (SLOTS - 1);
    }
    return 0;
  }

  /**
   * Adds the fields of a message to another's, in their order, but for those of some kinds and
   * those that its field Connection names.
   *
   * @param without bits of the kinds that stay behind
   */
  static void pass(MultiMap from, MultiMap to, int without) {
    Set<String> options = connectionOptions(from);
    if (from instanceof io.netty.handler.codec.http.HttpHeaders fields) { // HTTP/1.1
      Iterator<Map.Entry<CharSequence, CharSequence>> all = fields.iteratorCharSequence();
      while (all.hasNext()) {
        Map.Entry<CharSequence, CharSequence> field = all.next();
        if (passes(field.getKey(), without, options)) {
          to.add(field.getKey(), field.getValue());
        }
      }
    } else {
      for (Map.Entry<String, String> field : from) {
        if (passes(field.getKey(), without, options)) {
          to.add(field.getKey(), field.getValue());
        }
      }
    }
  }

  private static boolean passes(CharSequence name, int without, Set<String> options) {
    if ((kinds(name) & without) != 0) {
      return false;
    }
    return options.isEmpty() || !options.contains(name.toString().toLowerCase(Locale.ROOT));
  }

  /** What the field Connection names beside fields that never pass. */
  private static Set<String> connectionOptions(MultiMap from) {
    if (!from.contains(CONNECTION)) {
      return Set.of();
    }
    Set<String> options = new HashSet<>(0);
    for (String value : from.getAll(CONNECTION)) {
      for (String option : value.split(",", -1)) {
        String name = option.strip();
        if (!name.isEmpty() && (kinds(name) & HOP_BY_HOP) == 0) {
          options.add(name.toLowerCase(Locale.ROOT));
        }
      }
    }
    return options;
  }
}
