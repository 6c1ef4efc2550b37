package io.tidegate.ingestion;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampsTest {
  @ParameterizedTest
  @CsvSource({
    "2026-01-31T08:00:00Z, 2026-01-31T08:00:00.000Z",
    "2026-01-31t08:00:00z, 2026-01-31T08:00:00.000Z",
    "2026-01-31T08:00:00.5Z, 2026-01-31T08:00:00.500Z",
    "2026-01-31T08:00:00.123456789Z, 2026-01-31T08:00:00.123Z",
    "2026-01-31T08:00:00+08:00, 2026-01-31T00:00:00.000Z",
    "2026-01-31T08:00:00.25-0330, 2026-01-31T11:30:00.250Z",
    "2026-01-31T08:00:00+08, 2026-01-31T00:00:00.000Z",
    "2024-02-29T23:59:59.999Z, 2024-02-29T23:59:59.999Z",
    "1969-12-31T23:59:59.999Z, 1969-12-31T23:59:59.999Z",
    "0001-01-01T00:00:00Z, 0001-01-01T00:00:00.000Z",
  })
  void reads(String text, String same) {
    long ms = Timestamps.parse(text);
    assertThat(ms).isEqualTo(Instant.parse(same).toEpochMilli());
    assertThat(Timestamps.format(ms)).isEqualTo(same);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "yesterday",
        "1769846400",
        "2026-01-31",
        "2026-01-31T08:00:00",
        "2026-01-31T08:00:00.Z",
        "2026-01-31T08:00:00.1234567890Z",
        "2026-13-01T08:00:00Z",
        "2026-00-01T08:00:00Z",
        "2026-02-30T08:00:00Z",
        "2025-02-29T08:00:00Z",
        "2026-01-00T08:00:00Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31T08:60:00Z",
        "2026-01-31T08:00:60Z",
        "2026-01-31 08:00:00Z",
        "2026/01/31T08:00:00Z",
        "2026-01-31T08.00:00Z",
        "2026-01-31T08:00.00Z",
        "2026-01-31T08:00:00+8:00",
        "2026-01-31T08:00:00+19:00",
        "2026-01-31T08:00:00+08:60",
        "2026-01-31T08:00:00 08:00",
        "2026-01-31T08:00:00+08:0x",
        "2026-01-31T08:00:00ZZ",
        "+2026-01-31T08:00:00Z",
        "２０２６-01-31T08:00:00Z",
      })
  void refuses(String text) {
    assertThat(Timestamps.parse(text)).isEqualTo(Timestamps.UNREADABLE);
  }

  @Test
  void agreesWithTheLibraryOnAnyMoment() {
    Random random = new Random(20260131);
    long from = Instant.parse("0001-01-01T00:00:00Z").toEpochMilli();
    long to = Instant.parse("9999-12-31T00:00:00Z").toEpochMilli();
    for (int i = 0; i < 20_000; i++) {
      long ms = random.nextLong(from, to);
      ZoneOffset offset = ZoneOffset.ofTotalSeconds(random.nextInt(-18 * 60, 18 * 60) * 60);
      OffsetDateTime moment = Instant.ofEpochMilli(ms).atOffset(offset);
      if (moment.getYear() >= 1 && moment.getYear() <= 9999) {
        assertThat(Timestamps.parse(DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(moment)))
            .isEqualTo(ms);
      }
      assertThat(Timestamps.parse(Timestamps.format(ms))).isEqualTo(ms);
    }
  }
}
