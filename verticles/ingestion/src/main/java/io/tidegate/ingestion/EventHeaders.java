package io.tidegate.ingestion;

/**
 * Names of the Kafka headers of an event: <a
 * href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md">CloudEvents
 * 1.0, Kafka binary binding</a>. The record's key is the customer in UTF-8, its value the event as
 * JSON. Values are UTF-8 strings; ingestion.proto lists them for readers of the topic.
 */
final class EventHeaders {
  static final String SPEC_VERSION = "ce_specversion";
  static final String ID = "ce_id";
  static final String SOURCE = "ce_source";
  static final String TYPE = "ce_type";
  static final String SUBJECT = "ce_subject";
  static final String TIME = "ce_time";
  static final String RECEIVED_AT = "ce_receivedat";
  static final String REQUEST_ID = "ce_requestid";
  static final String TRACEPARENT = "ce_traceparent";
  static final String CONTENT_TYPE = "content-type";

  private EventHeaders() {}
}
