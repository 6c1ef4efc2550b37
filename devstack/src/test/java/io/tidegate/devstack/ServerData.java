package io.tidegate.devstack;

import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What tests write into the servers and read back, in the servers' own protocols. */
final class ServerData {
  private ServerData() {}

  static void sql(String uri, String... statements) throws SQLException {
    try (Connection connection = Probe.connect(URI.create(uri), Duration.ofSeconds(5));
        var statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  static String sqlValue(String uri, String query) throws SQLException {
    try (Connection connection = Probe.connect(URI.create(uri), Duration.ofSeconds(5));
        var statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }

  /** Sends one inline command and returns the start of the answer. */
  static String redis(String uri, String command) throws Exception {
    URI address = URI.create(uri);
    try (Socket socket = new Socket(address.getHost(), address.getPort())) {
      socket.setSoTimeout(1_000);
      socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
      byte[] answer = new byte[512];
      int length = socket.getInputStream().read(answer);
      return new String(answer, 0, length, StandardCharsets.US_ASCII).strip();
    }
  }

  static void createTopic(String servers, String topic) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
      var topics = List.of(new NewTopic(topic, 1, (short) 1));
      admin.createTopics(topics).all().get(20, TimeUnit.SECONDS);
    }
  }

  static void produce(String servers, String topic, String value) throws Exception {
    Map<String, Object> configuration =
        Map.of("bootstrap.servers", servers, "acks", "all", "max.block.ms", "2000");
    try (var producer =
        new KafkaProducer<>(configuration, new StringSerializer(), new StringSerializer())) {
      producer.send(new ProducerRecord<>(topic, value)).get(20, TimeUnit.SECONDS);
    }
  }

  /** So many values from the topic's beginning, or those that came within 20 s. */
  static List<String> consume(String servers, String topic, int count) {
    Map<String, Object> configuration = Map.of("bootstrap.servers", servers);
    List<String> values = new ArrayList<>();
    try (var consumer =
        new KafkaConsumer<>(configuration, new StringDeserializer(), new StringDeserializer())) {
      List<TopicPartition> partition = List.of(new TopicPartition(topic, 0));
      consumer.assign(partition);
      consumer.seekToBeginning(partition);
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (values.size() < count && System.nanoTime() < deadline) {
        consumer.poll(Duration.ofMillis(100)).forEach(message -> values.add(message.value()));
      }
    }
    return values;
  }
}
