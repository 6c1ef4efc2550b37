package io.tidegate.ingestion;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidegate.proto.ingestion.EventRecord;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Events as Kafka records: CloudEvents in binary mode, keyed by customer so that one customer's
 * stay in order.
 */
final class KafkaRecords {
  private static final String UNRESERVED =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  private static final byte[] VERSION = utf8("1.0");
  private static final byte[] JSON = utf8("application/json");

  private final String topic;
  private final Last source = new Last(name -> "/sources/" + pathSegment(name));
  private final Last type = new Last(word -> "io.tidegate.event." + word);
  private final Last requestId = new Last(UnaryOperator.identity());
  private final Last traceparent = new Last(UnaryOperator.identity());
  private long timeMs = Long.MIN_VALUE;
  private byte[] time = {};
  private long receivedMs = Long.MIN_VALUE;
  private byte[] received = {};

  /** For one thread. */
  KafkaRecords(String topic) {
    this.topic = topic;
  }

  ProducerRecord<byte[], byte[]> of(EventRecord event) {
    byte[] customer = utf8(event.getCustomer());
    Headers headers =
        new RecordHeaders()
            .add(EventHeaders.SPEC_VERSION, VERSION)
            .add(EventHeaders.ID, utf8(event.getMessageId()))
            .add(EventHeaders.SOURCE, source.bytes(event.getSource()))
            .add(EventHeaders.TYPE, type.bytes(event.getType()))
            .add(EventHeaders.SUBJECT, customer)
            .add(EventHeaders.TIME, time(event.getTimeMs()))
            .add(EventHeaders.RECEIVED_AT, received(event.getReceivedMs()))
            .add(EventHeaders.CONTENT_TYPE, JSON);
    if (!event.getRequestId().isEmpty()) {
      headers.add(EventHeaders.REQUEST_ID, requestId.bytes(event.getRequestId()));
    }
    if (!event.getTraceparent().isEmpty()) {
      headers.add(EventHeaders.TRACEPARENT, traceparent.bytes(event.getTraceparent()));
    }
    return new ProducerRecord<>(
        topic, null, null, customer, event.getData().toByteArray(), headers);
  }

  private byte[] time(long ms) {
    if (ms != timeMs) {
      time = utf8(Timestamps.format(ms));
      timeMs = ms;
    }
    return time;
  }

  private byte[] received(long ms) {
    if (ms != receivedMs) {
      received = utf8(Timestamps.format(ms));
      receivedMs = ms;
    }
    return received;
  }

  /** What one event after another says alike, a batch's above all, is made once. */
  private static final class Last {
    private final UnaryOperator<String> form;
    private String text = "";
    private byte[] bytes;

    Last(UnaryOperator<String> form) {
      this.form = form;
      this.bytes = utf8(form.apply(text));
    }

    byte[] bytes(String wanted) {
      if (!wanted.equals(text)) {
        bytes = utf8(form.apply(wanted));
        text = wanted;
      }
      return bytes;
    }
  }

  /** Percent-encodes all but RFC 3986's unreserved characters. */
  static String pathSegment(String text) {
    StringBuilder segment = new StringBuilder(text.length());
    for (byte b : utf8(text)) {
      if (b > 0 && UNRESERVED.indexOf(b) >= 0) {
        segment.append((char) b);
      } else {
        segment.append('%').append(hex(b >> 4)).append(hex(b));
      }
    }
    return segment.toString();
  }

  private static char hex(int digit) {
    return "0123456789ABCDEF".charAt(digit & 0xF);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }
}
