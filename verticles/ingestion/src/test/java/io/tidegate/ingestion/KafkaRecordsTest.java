package io.tidegate.ingestion;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proto.ingestion.EventRecord;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class KafkaRecordsTest {
  @Test
  void encodesSourcesThatAreNoPathSegments() {
    assertThat(KafkaRecords.pathSegment("web-1.prod_a~")).isEqualTo("web-1.prod_a~");
    assertThat(KafkaRecords.pathSegment("小程序/a b%"))
        .isEqualTo("%E5%B0%8F%E7%A8%8B%E5%BA%8F%2Fa%20b%25");
  }

  @Test
  void leavesOutWhatIsEmpty() {
    ProducerRecord<byte[], byte[]> record =
        new KafkaRecords("t")
            .of(EventRecord.newBuilder().setCustomer("u").setMessageId("m").build());
    assertThat(record.headers().lastHeader(EventHeaders.REQUEST_ID)).isNull();
    assertThat(record.headers().lastHeader(EventHeaders.TRACEPARENT)).isNull();
    assertThat(record.topic()).isEqualTo("t");
  }

  @Test
  void whatChangesFromOneEventToTheNextIsNotTheLastOnes() {
    KafkaRecords records = new KafkaRecords("t");
    EventRecord.Builder event =
        EventRecord.newBuilder()
            .setCustomer("u")
            .setMessageId("m")
            .setType("track")
            .setSource("web")
            .setTimeMs(0)
            .setReceivedMs(1)
            .setRequestId("r1")
            .setTraceparent("t1");
    assertThat(headers(records.of(event.build())))
        .containsEntry(EventHeaders.SOURCE, "/sources/web")
        .containsEntry(EventHeaders.TYPE, "io.tidegate.event.track")
        .containsEntry(EventHeaders.TIME, "1970-01-01T00:00:00.000Z")
        .containsEntry(EventHeaders.RECEIVED_AT, "1970-01-01T00:00:00.001Z")
        .containsEntry(EventHeaders.REQUEST_ID, "r1")
        .containsEntry(EventHeaders.TRACEPARENT, "t1");
    event.setType("page").setSource("app").setTimeMs(1).setReceivedMs(2);
    event.setRequestId("r2").setTraceparent("t2");
    for (int i = 0; i < 2; i++) {
      assertThat(headers(records.of(event.build())))
          .containsEntry(EventHeaders.SOURCE, "/sources/app")
          .containsEntry(EventHeaders.TYPE, "io.tidegate.event.page")
          .containsEntry(EventHeaders.TIME, "1970-01-01T00:00:00.001Z")
          .containsEntry(EventHeaders.RECEIVED_AT, "1970-01-01T00:00:00.002Z")
          .containsEntry(EventHeaders.REQUEST_ID, "r2")
          .containsEntry(EventHeaders.TRACEPARENT, "t2");
    }
  }

  private static Map<String, String> headers(ProducerRecord<byte[], byte[]> record) {
    Map<String, String> headers = new HashMap<>();
    record.headers().forEach(each -> headers.put(each.key(), new String(each.value(), UTF_8)));
    return headers;
  }
}
