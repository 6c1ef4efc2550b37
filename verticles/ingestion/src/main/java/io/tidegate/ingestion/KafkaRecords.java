package io.tidegate.ingestion;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidegate.proto.ingestion.EventRecord;
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

  private KafkaRecords() {}

  static ProducerRecord<byte[], byte[]> of(String topic, EventRecord event) {
    byte[] customer = event.getCustomerBytes().toByteArray();
    Headers headers =
        new RecordHeaders()
            .add(EventHeaders.SPEC_VERSION, VERSION)
            .add(EventHeaders.ID, event.getMessageIdBytes().toByteArray())
            .add(EventHeaders.SOURCE, utf8("/sources/" + pathSegment(event.getSource())))
            .add(EventHeaders.TYPE, utf8("io.tidegate.event." + event.getType()))
            .add(EventHeaders.SUBJECT, customer)
            .add(EventHeaders.TIME, utf8(Timestamps.format(event.getTimeMs())))
            .add(EventHeaders.RECEIVED_AT, utf8(Timestamps.format(event.getReceivedMs())))
            .add(EventHeaders.CONTENT_TYPE, JSON);
    if (!event.getRequestId().isEmpty()) {
      headers.add(EventHeaders.REQUEST_ID, event.getRequestIdBytes().toByteArray());
    }
    if (!event.getTraceparent().isEmpty()) {
      headers.add(EventHeaders.TRACEPARENT, event.getTraceparentBytes().toByteArray());
    }
    return new ProducerRecord<>(
        topic, null, null, customer, event.getData().toByteArray(), headers);
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
