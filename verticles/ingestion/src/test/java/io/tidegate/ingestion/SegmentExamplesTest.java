package io.tidegate.ingestion;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidegate.proto.ingestion.EventRecord;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The payloads of Segment's HTTP API reference and what comes of them. */
class SegmentExamplesTest {
  private final Bodies bodies = new Bodies();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "IDENTIFY | 019mr8mf4r | 2012-12-02T00:30:08.276Z | `{\"userId\":\"019mr8mf4r\",\"traits\":{\"email\":\"pgibbons@example.com\",\"name\":\"Peter Gibbons\",\"industry\":\"Technology\"},\"context\":{\"ip\":\"24.5.68.47\"},\"timestamp\":\"2012-12-02T00:30:08.276Z\"}`",
        "TRACK | 019mr8mf4r | 2012-12-02T00:30:12.984Z | `{\"userId\":\"019mr8mf4r\",\"event\":\"Item Purchased\",\"properties\":{\"name\":\"Leap to Conclusions\",\"revenue\":14.99},\"context\":{\"ip\":\"24.5.68.47\"},\"timestamp\":\"2012-12-02T00:30:12.984Z\"}`",
        "PAGE | 019mr8mf4r | 2012-12-02T00:31:29.738Z | `{\"userId\":\"019mr8mf4r\",\"name\":\"Tracking HTTP API\",\"properties\":{},\"context\":{\"ip\":\"24.5.68.47\"},\"timestamp\":\"2012-12-02T00:31:29.738Z\"}`",
        "SCREEN | 019mr8mf4r | 2012-12-02T00:31:29.738Z | `{\"userId\":\"019mr8mf4r\",\"name\":\"Tracking HTTP API\",\"properties\":{},\"context\":{\"ip\":\"24.5.68.47\"},\"timestamp\":\"2012-12-02T00:31:29.738Z\"}`",
        "GROUP | 019mr8mf4r | 2012-12-02T00:31:38.208Z | `{\"userId\":\"019mr8mf4r\",\"groupId\":\"0e8c78ea9d97a7b8185e8632\",\"traits\":{\"name\":\"Initech\",\"industry\":\"Technology\",\"employees\":329,\"plan\":\"enterprise\",\"total billed\":830},\"context\":{\"ip\":\"24.5.68.47\"},\"timestamp\":\"2012-12-02T00:31:38.208Z\"}`",
        "ALIAS | 019mr8mf4r | 2012-12-02T00:31:38.208Z | `{\"previousId\":\"39239-239239-239239-23923\",\"userId\":\"019mr8mf4r\",\"context\":{\"ip\":\"24.5.68.47\"},\"timestamp\":\"2012-12-02T00:31:38.208Z\"}`",
      })
  void single(EventKind kind, String customer, String timestamp, String body) {
    EventRecord record = bodies.one(kind, body);

    assertThat(record.getType()).isEqualTo(kind.word());
    assertThat(record.getCustomer()).isEqualTo(customer);
    ObjectNode expected = (ObjectNode) Bodies.tree(body);
    expected
        .put("type", kind.word())
        .put("messageId", record.getMessageId())
        .put("timestamp", timestamp)
        .put("receivedAt", Bodies.NOW);
    assertThat(Bodies.json(record)).isEqualTo(expected);
  }

  @Test
  void batch() {
    List<EventRecord> records =
        bodies.parse(
            EventKind.BATCH,
            """
            {
              "batch": [
                {"type": "identify", "userId": "019mr8mf4r", "traits": {"email": "jake@yahoo.com", "name": "Jake Peterson", "age": 26}},
                {"type": "track", "userId": "019mr8mf4r", "event": "Song Played", "properties": {"name": "Fallin for You", "artist": "Dierks Bentley"},
                 "timestamp": "2015-11-10T00:30:12.984Z"}
              ],
              "context": {"device": {"type": "phone", "name": "Apple iPhone 6"}}
            }
            """);

    assertThat(records).extracting(EventRecord::getType).containsExactly("identify", "track");
    assertThat(records)
        .allSatisfy(
            record ->
                assertThat(Bodies.json(record).at("/context/device/name").textValue())
                    .isEqualTo("Apple iPhone 6"));
    assertThat(Bodies.json(records.get(0)).at("/traits/age").intValue()).isEqualTo(26);
    assertThat(Bodies.json(records.get(1)).at("/timestamp").textValue())
        .isEqualTo("2015-11-10T00:30:12.984Z");
  }

  @Test
  void commonFields() {
    EventRecord record =
        bodies.one(
            EventKind.TRACK,
            """
            {
              "anonymousId": "507f191e810c19729de860ea", "channel": "browser", "event": "Clicked",
              "context": {"active": true, "app": {"name": "InitechGlobal", "version": "545", "build": "3.0.1.545"},
                "campaign": {"name": "TPS Innovation Newsletter", "source": "Newsletter"},
                "device": {"id": "B5372DB0-C21E-11E4-8DFC-AA07A5B093DB", "adTrackingEnabled": true},
                "ip": "8.8.8.8", "library": {"name": "analytics.js", "version": "2.11.1"}, "locale": "en-US",
                "location": {"city": "San Francisco", "latitude": 40.2964197, "longitude": -76.9411617, "speed": 0}},
              "integrations": {"All": true, "Mixpanel": false, "Salesforce": false},
              "messageId": "022bb90c-bbac-11e4-8dfc-aa07a5b093db",
              "receivedAt": "2015-12-10T04:08:31.909Z", "sentAt": "2015-12-10T04:08:31.581Z",
              "timestamp": "2015-12-10T04:08:31.905Z", "type": "track", "userId": "97980cfea0067", "version": 2
            }
            """);

    ObjectNode json = Bodies.json(record);
    assertThat(record.getCustomer()).isEqualTo("97980cfea0067");
    assertThat(record.getMessageId()).isEqualTo("022bb90c-bbac-11e4-8dfc-aa07a5b093db");
    // Sent before it happened, so its clock is not taken for a measure.
    assertThat(json.get("timestamp").textValue()).isEqualTo("2015-12-10T04:08:31.905Z");
    assertThat(json.get("receivedAt").textValue()).isEqualTo(Bodies.NOW);
    assertThat(json.at("/integrations/Mixpanel").booleanValue()).isFalse();
    assertThat(json.at("/context/location/longitude").doubleValue()).isEqualTo(-76.9411617);
    assertThat(json.get("version").intValue()).isEqualTo(2);
    assertThat(json.get("channel").textValue()).isEqualTo("browser");
  }
}
