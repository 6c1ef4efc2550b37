package io.tidegate.ingestion;

import java.time.LocalDate;
import java.time.Month;
import java.time.Year;

/**
 * Time stamps of the tracking API: ISO 8601 date and time with an offset, read from {@code
 * 2026-01-31T08:00:00Z}, {@code 2026-01-31T16:00:00.123456+08:00} and the like, written in UTC with
 * milliseconds. By hand, since every event has one to three of them.
 */
final class Timestamps {
  /** What {@link #parse} answers for anything else. */
  static final long UNREADABLE = Long.MIN_VALUE;

  static final String EXPECTED = "ISO 8601 with an offset, like 2026-01-31T08:00:00.000Z";

  private static final long DAY_MS = 86_400_000;

  private Timestamps() {}

  /**
   * Epoch milliseconds; finer digits are cut off. A date alone or a time without an offset is
   * {@link #UNREADABLE}.
   */
  static long parse(String text) {
    int length = text.length();
    if (length < 20
        || text.charAt(4) != '-'
        || text.charAt(7) != '-'
        || (text.charAt(10) | 0x20) != 't'
        || text.charAt(13) != ':'
        || text.charAt(16) != ':') {
      return UNREADABLE;
    }
    int year = digits(text, 0, 4);
    int month = digits(text, 5, 7);
    int day = digits(text, 8, 10);
    int hour = digits(text, 11, 13);
    int minute = digits(text, 14, 16);
    int second = digits(text, 17, 19);
    if (year < 0
        || month < 1
        || month > 12
        || day < 1
        || day > Month.of(month).length(Year.isLeap(year))
        || hour < 0
        || hour > 23
        || minute < 0
        || minute > 59
        || second < 0
        || second > 59) {
      return UNREADABLE;
    }
    int at = 19;
    int millis = 0;
    if (text.charAt(at) == '.') {
      int from = ++at;
      for (int weight = 100; at < length && isDigit(text.charAt(at)); at++, weight /= 10) {
        millis += (text.charAt(at) - '0') * weight;
      }
      if (at == from || at - from > 9) {
        return UNREADABLE;
      }
    }
    long offset = offset(text, at);
    if (offset == UNREADABLE) {
      return UNREADABLE;
    }
    return LocalDate.of(year, month, day).toEpochDay() * DAY_MS
        + ((hour * 60L + minute) * 60 + second) * 1_000
        + millis
        - offset;
  }

  /** {@code Z}, {@code +08:00}, {@code +0800} or {@code +08}, in milliseconds. */
  private static long offset(String text, int at) {
    int left = text.length() - at;
    if (left == 1 && (text.charAt(at) | 0x20) == 'z') {
      return 0;
    }
    boolean colon = left == 6 && text.charAt(at + 3) == ':';
    if (!(left == 3 || left == 5 || colon) || (text.charAt(at) != '+' && text.charAt(at) != '-')) {
      return UNREADABLE;
    }
    int hours = digits(text, at + 1, at + 3);
    int minutes = left == 3 ? 0 : digits(text, text.length() - 2, text.length());
    if (hours < 0 || hours > 18 || minutes < 0 || minutes > 59) {
      return UNREADABLE;
    }
    long offset = (hours * 60L + minutes) * 60_000;
    return text.charAt(at) == '-' ? -offset : offset;
  }

  private static int digits(String text, int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) {
      if (!isDigit(text.charAt(i))) {
        return -1;
      }
      value = value * 10 + (text.charAt(i) - '0');
    }
    return value;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** {@code 2026-01-31T08:00:00.000Z}, for the years 0 to 9999. */
  static String format(long epochMs) {
    LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(epochMs, DAY_MS));
    int ofDay = (int) Math.floorMod(epochMs, DAY_MS);
    char[] text = "0000-00-00T00:00:00.000Z".toCharArray();
    put(text, 4, date.getYear());
    put(text, 7, date.getMonthValue());
    put(text, 10, date.getDayOfMonth());
    put(text, 13, ofDay / 3_600_000);
    put(text, 16, ofDay / 60_000 % 60);
    put(text, 19, ofDay / 1_000 % 60);
    put(text, 23, ofDay % 1_000);
    return new String(text);
  }

  private static void put(char[] text, int end, int value) {
    for (int i = end - 1; value > 0; value /= 10) {
      text[i--] = (char) ('0' + value % 10);
    }
  }
}
