package io.tidegate.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientAddressTest {
  private final ClientAddress addresses =
      new ClientAddress(List.of("10.0.0.0/8", "192.168.7.7", "fd00::/8"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // socket | X-Forwarded-For | client
        "10.1.1.1 | 203.0.113.9 | 203.0.113.9",
        "10.1.1.1 | 1.2.3.4, 203.0.113.9 | 203.0.113.9",
        "10.1.1.1 | 1.2.3.4, 203.0.113.9, 10.2.2.2 | 203.0.113.9",
        "10.1.1.1 | 10.3.3.3, 10.2.2.2 | 10.3.3.3",
        "203.0.113.1 | 1.2.3.4 | 203.0.113.1",
        "192.168.7.7 | 1.2.3.4 | 1.2.3.4",
        "192.168.7.8 | 1.2.3.4 | 192.168.7.8",
        "10.1.1.1 | garbage | 10.1.1.1",
        "10.1.1.1 | 1.2.3.4, garbage, 10.2.2.2 | 10.2.2.2",
        "10.1.1.1 | 1.2.3.4, | 10.1.1.1",
        "10.1.1.1 | '' | 10.1.1.1",
        "10.1.1.1 | 203.0.113.9:4711 | 203.0.113.9",
        "10.1.1.1 | 203.0.113.9:99999999 | 10.1.1.1",
        "10.1.1.1 | [2001:db8::1]:443 | 2001:db8::1",
        "10.1.1.1 | [2001:db8::1] | 2001:db8::1",
        "10.1.1.1 | [2001:db8::1]x | 10.1.1.1",
        "10.1.1.1 | 2001:DB8:0:0::1 | 2001:db8::1",
        "10.1.1.1 | ::ffff:203.0.113.9 | 203.0.113.9",
        "::ffff:10.1.1.1 | 203.0.113.9 | 203.0.113.9",
        "fd00:0:0:0:0:0:0:5%eth0 | 203.0.113.9 | 203.0.113.9",
        "10.1.1.1 | 1.2.3.4.5 | 10.1.1.1",
        "10.1.1.1 | 010.1.1.1.evil.example | 10.1.1.1",
      })
  void walksXForwardedForFromTheRightWhileTrusted(String socket, String header, String client) {
    assertThat(addresses.of(socket, List.of(header), List.of())).isEqualTo(client);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "for=203.0.113.9 | 203.0.113.9",
        "For=\"203.0.113.9:4711\";proto=https;by=10.1.1.1 | 203.0.113.9",
        "for=\"[2001:db8::1]:4711\" | 2001:db8::1",
        "for=1.2.3.4, for=203.0.113.9;proto=http, for=10.2.2.2 | 203.0.113.9",
        "for=\"1.2.3.4, for=203.0.113.9 | 203.0.113.9",
        "for=\"a,b\", for=10.2.2.2 | 10.2.2.2",
        "for=unknown | 10.1.1.1",
        "for=_hidden | 10.1.1.1",
        "proto=https | 10.1.1.1",
        "for=1.2.3.4;for=5.6.7.8 | 10.1.1.1",
        "for= | 10.1.1.1",
      })
  void readsForwarded(String header, String client) {
    assertThat(addresses.of("10.1.1.1", List.of(), List.of(header))).isEqualTo(client);
  }

  @Test
  void headerLinesAreOneChain() {
    assertThat(addresses.of("10.1.1.1", List.of("1.2.3.4", "203.0.113.9", "10.2.2.2"), List.of()))
        .isEqualTo("203.0.113.9");
  }

  @Test
  void believesNeitherHeaderWhenTheyDiffer() {
    assertThat(addresses.of("10.1.1.1", List.of("203.0.113.9"), List.of("for=1.2.3.4")))
        .isEqualTo("10.1.1.1");
    assertThat(addresses.of("10.1.1.1", List.of("203.0.113.9"), List.of("for=203.0.113.9")))
        .isEqualTo("203.0.113.9");
  }

  @Test
  void aVeryLongChainEndsTheWalk() {
    String chain = "1.2.3.4" + ", 10.2.2.2".repeat(10_000);
    assertThat(addresses.of("10.1.1.1", List.of(chain), List.of())).isEqualTo("10.2.2.2");
    assertThat(addresses.of("10.1.1.1", List.of(), List.of("\"" + "x".repeat(1_000_000))))
        .isEqualTo("10.1.1.1");
  }

  @Test
  void countsAnIpv6ClientByIts64() {
    assertThat(ClientAddress.subject("2001:db8:1:2:3:4:5:6")).isEqualTo("2001:db8:1:2::/64");
    assertThat(ClientAddress.subject("2001:db8:1:2::9")).isEqualTo("2001:db8:1:2::/64");
    assertThat(ClientAddress.subject("::ffff:1.2.3.4")).isEqualTo("1.2.3.4");
    assertThat(ClientAddress.subject("1.2.3.4")).isEqualTo("1.2.3.4");
    assertThat(ClientAddress.subject("not an address")).isEqualTo("not an address");
  }

  @Test
  void namesEveryWrongBlock() {
    assertThatThrownBy(
            () ->
                new ClientAddress(
                    List.of("10.0.0.0/8", "10.0.0.0/33", "x", "fd00::/129", "1.2.3.4/")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("10.0.0.0/33, x, fd00::/129, 1.2.3.4/ (expected: ");
  }

  @Test
  void blocksThatEndWithinAByte() {
    ClientAddress twelve = new ClientAddress(List.of("172.16.0.0/12", "0.0.0.0/0"));
    assertThat(twelve.of("172.31.255.255", List.of("9.9.9.9"), List.of())).isEqualTo("9.9.9.9");
    ClientAddress only = new ClientAddress(List.of("172.16.0.0/12"));
    assertThat(only.of("172.32.0.0", List.of("9.9.9.9"), List.of())).isEqualTo("172.32.0.0");
  }

  /** Whatever a client writes, what the trusted proxy appended is what counts. */
  @Test
  void whatAClientWritesNeverMatters() {
    Random random = new Random(99);
    String alphabet = "0123456789abcdef:.,;=[]\" \\%for_\t-";
    for (int run = 0; run < 20_000; run++) {
      StringBuilder written = new StringBuilder();
      for (int i = random.nextInt(60); i > 0; i--) {
        written.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      assertThat(addresses.of("10.1.1.1", List.of(written + ", 203.0.113.9"), List.of()))
          .as("%s", written)
          .isEqualTo("203.0.113.9");
      assertThat(addresses.of("10.1.1.1", List.of(), List.of(written + ", for=203.0.113.9")))
          .as("%s", written)
          .isEqualTo("203.0.113.9");
      assertThat(addresses.of("8.8.8.8", List.of(written.toString()), List.of()))
          .isEqualTo("8.8.8.8");
      assertThat(addresses.of("10.1.1.1", List.of(written.toString()), List.of(written.toString())))
          .isNotEmpty();
    }
  }
}
