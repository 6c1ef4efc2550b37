package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class GunzipTest {
  @Test
  void unzipsUpToTheBound() throws IOException {
    byte[] plain = new byte[10_000];
    new Random(1).nextBytes(plain);
    assertThat(Gunzip.unzip(zip(plain), 10_000)).isEqualTo(plain);
    assertThat(Gunzip.unzip(zip(new byte[0]), 10)).isEmpty();
    assertThatThrownBy(() -> Gunzip.unzip(zip(plain), 9_999))
        .isInstanceOfSatisfying(
            FailureException.class,
            e -> assertThat(e.failure()).isEqualTo(Failure.PAYLOAD_TOO_LARGE));
  }

  @Test
  void givesUpOnABomb() throws IOException {
    byte[] bomb = zip(new byte[200 << 20]);
    assertThat(bomb.length).isLessThan(512_000);
    assertThatThrownBy(() -> Gunzip.unzip(bomb, 512_000))
        .hasMessageContaining("more than 512000 bytes unzipped");
  }

  @Test
  void neverFailsOtherwiseThanExpected() throws IOException {
    byte[] good =
        zip(
            "{\"event\":\"Product Viewed\"}"
                .repeat(50)
                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
    Random random = new Random(618);
    int broken = 0;
    for (int round = 0; round < 3_000; round++) {
      byte[] bytes = Arrays.copyOf(good, 1 + random.nextInt(good.length));
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        Gunzip.unzip(bytes, 100_000);
      } catch (FailureException e) {
        broken++;
        assertThat(e.failure()).isIn(Failure.BAD_REQUEST, Failure.PAYLOAD_TOO_LARGE);
      }
    }
    assertThat(broken).isGreaterThan(2_500);
  }

  @Test
  void takesAFewMembersAndNoMore() throws IOException {
    byte[] empty = zip(new byte[0]);
    assertThat(Gunzip.unzip(repeated(zip(new byte[] {7}), 16), 100)).hasSize(16).containsOnly(7);
    assertThat(Gunzip.unzip(repeated(empty, 16), 100)).isEmpty();
    assertThatThrownBy(() -> Gunzip.unzip(repeated(empty, 20_000), 100))
        .isInstanceOfSatisfying(
            FailureException.class, e -> assertThat(e.failure()).isEqualTo(Failure.BAD_REQUEST))
        .hasMessageContaining("more than 16 members");
  }

  @Test
  void readsWhatAHeaderMayHold() throws IOException {
    byte[] plain = zip("hi".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(plain, 0, 3);
    out.write(2 | 4 | 8 | 16);
    out.write(plain, 4, 6);
    out.write(new byte[] {3, 0, 'e', 'x', 't', 'n', 0, 'c', 'o', 0});
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(out.toByteArray());
    out.write((int) crc.getValue());
    out.write((int) crc.getValue() >> 8);
    out.write(plain, 10, plain.length - 10);
    byte[] named = out.toByteArray();
    assertThat(Gunzip.unzip(named, 100)).asString().isEqualTo("hi");
    for (int length = 0; length < named.length; length++) {
      byte[] part = Arrays.copyOf(named, length);
      assertThatThrownBy(() -> Gunzip.unzip(part, 100)).isInstanceOf(FailureException.class);
    }
    named[13] ^= 1;
    assertThatThrownBy(() -> Gunzip.unzip(named, 100)).hasMessageContaining("checksum");
  }

  private static byte[] repeated(byte[] member, int times) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < times; i++) {
      out.write(member, 0, member.length);
    }
    return out.toByteArray();
  }

  static byte[] zip(byte[] plain) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(plain);
    }
    return out.toByteArray();
  }
}
