package io.tidegate.ingestion;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proto.ingestion.EventRecord;
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
        KafkaRecords.of("t", EventRecord.newBuilder().setCustomer("u").setMessageId("m").build());
    assertThat(record.headers().lastHeader(EventHeaders.REQUEST_ID)).isNull();
    assertThat(record.headers().lastHeader(EventHeaders.TRACEPARENT)).isNull();
    assertThat(record.topic()).isEqualTo("t");
  }
}
