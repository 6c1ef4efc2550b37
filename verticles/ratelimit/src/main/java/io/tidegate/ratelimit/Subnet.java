package io.tidegate.ratelimit;

import org.jspecify.annotations.Nullable;

/**
 * A CIDR block.
 *
 * @param address 4 or 16 bytes
 * @param bits leading bits that count
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never shown
record Subnet(byte[] address, int bits) {

  /** Null when the text is neither an address nor a CIDR block. */
  static @Nullable Subnet parse(String text) {
    int slash = text.indexOf('/');
    byte @Nullable [] address = ClientAddress.parse(slash < 0 ? text : text.substring(0, slash));
    if (address == null) {
      return null;
    }
    if (slash < 0) {
      return new Subnet(address, address.length * 8);
    }
    String bits = text.substring(slash + 1);
    if (bits.isEmpty() || bits.length() > 3 || !bits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return null;
    }
    int count = Integer.parseInt(bits);
    return count > address.length * 8 ? null : new Subnet(address, count);
  }

  boolean contains(byte[] other) {
    if (other.length != address.length) {
      return false;
    }
    int whole = bits / 8;
    for (int i = 0; i < whole; i++) {
      if (address[i] != other[i]) {
        return false;
      }
    }
    int rest = bits % 8;
    return rest == 0 || ((address[whole] ^ other[whole]) & 0xff) >> (8 - rest) == 0;
  }
}
