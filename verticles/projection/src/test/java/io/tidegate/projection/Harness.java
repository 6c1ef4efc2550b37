package io.tidegate.projection;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.devstack.KafkaServer;
import io.tidegate.devstack.PostgresServer;
import io.tidegate.devstack.TestServers;
import io.tidegate.platform.ConfigLoader;
import io.tidegate.platform.Migrations;
import io.tidegate.platform.Postgres;
import io.tidegate.platform.PostgresConfig;
import io.tidegate.platform.Readiness;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.io.IOException;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A projection on real servers: a database, topics and a group of its own, and nodes that come and
 * go.
 */
final class Harness implements AutoCloseable {
  private static final AtomicInteger COUNTER = new AtomicInteger();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  final String kafka;
  final String uri;
  final String topic = "events-" + COUNTER.incrementAndGet();
  final String dlq = topic + ".dlq";
  final Map<String, Long> announced = new ConcurrentHashMap<>();
  final Map<String, String> settings = new HashMap<>();

  /** What the nodes' clients of Kafka's are made with. */
  final Map<String, Object> clients = new HashMap<>();

  private final Vertx vertx = Vertx.vertx();
  private final Bus bus = new Bus(vertx);
  private final List<Node> nodes = new ArrayList<>();
  private final KafkaProducer<byte[], byte[]> producer;
  private final Admin admin;

  /** One deployed verticle with its pool. */
  final class Node {
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final Readiness readiness = new Readiness();
    private final Pool pool;
    private final ProjectionVerticle verticle;
    private final String deployment;
    private boolean running = true;

    Node(Map<String, String> config, String uri) throws Exception {
      pool =
          Postgres.pool(
              vertx,
              ConfigLoader.section(
                  PostgresConfig.class,
                  Map.of("postgres.uri", uri, "postgres.connect-timeout", "1s")),
              "projection");
      verticle =
          new ProjectionVerticle(
              bus,
              ConfigLoader.section(ProjectionConfig.class, config),
              clients,
              pool,
              meters,
              readiness);
      deployment = get(vertx.deployVerticle(verticle));
    }

    SortedSet<Integer> owned() {
      return verticle.partitionsOwned();
    }

    /** How many partitions it was assigned, had revoked or lost. */
    double moved(String how) {
      return meters.counter("tidegate.projection.partitions.moved", "how", how).count();
    }

    double count(String outcome) {
      return meters.counter("tidegate.projection.events", "outcome", outcome).count();
    }

    double retries() {
      return meters.counter("tidegate.projection.retries").count();
    }

    void stop() throws Exception {
      if (running) {
        running = false;
        get(vertx.undeploy(deployment));
        get(pool.close());
      }
    }
  }

  Harness() throws Exception {
    this(4);
  }

  Harness(int partitions) throws Exception {
    this(TestServers.kafka().bootstrapServers(), TestServers.newDatabase(), partitions);
  }

  Harness(KafkaServer kafka) throws Exception {
    this(kafka.bootstrapServers(), TestServers.newDatabase(), 4);
  }

  Harness(KafkaServer kafka, PostgresServer postgres) throws Exception {
    this(kafka.bootstrapServers(), postgres.uri(), 4);
  }

  private Harness(String kafka, String uri, int partitions) throws Exception {
    this.kafka = kafka;
    this.uri = uri;
    clients.put("bootstrap.servers", kafka);
    Migrations.migrate(uri);
    admin = Admin.create(Map.of("bootstrap.servers", kafka));
    producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                kafka,
                "acks",
                "all",
                "linger.ms",
                5,
                // On a topic just made more can leave a batch out of sequence for good:
                // KAFKA-14359.
                "max.in.flight.requests.per.connection",
                1),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    makeTopics(partitions);
    settings.put("projection.topic", topic);
    settings.put("projection.dlq-topic", dlq);
    settings.put("projection.group-id", "group-" + topic);
    settings.put("projection.probe-interval", "200ms");
    get(
        bus.subscribe(
            BusMap.PROFILE_CHANGED,
            changed ->
                changed
                    .getChangesList()
                    .forEach(c -> announced.merge(c.getId(), c.getVersion(), Math::max))));
  }

  void makeTopics(int partitions) throws Exception {
    admin
        .createTopics(
            List.of(new NewTopic(topic, partitions, (short) 1), new NewTopic(dlq, 1, (short) 1)))
        .all()
        .get(20, TimeUnit.SECONDS);
  }

  void deleteTopics() throws Exception {
    admin.deleteTopics(List.of(topic, dlq)).all().get(20, TimeUnit.SECONDS);
  }

  Node node() throws Exception {
    return node(Map.of());
  }

  Node node(Map<String, String> more) throws Exception {
    return node(more, uri);
  }

  /** A node that reaches Postgres in a way of its own. */
  Node node(Map<String, String> more, String ownUri) throws Exception {
    Map<String, String> config = new HashMap<>(settings);
    config.putAll(more);
    Node node = new Node(config, ownUri);
    nodes.add(node);
    return node;
  }

  /** A node in a process of its own. */
  ProjectionProcess process() throws IOException {
    return ProjectionProcess.start(kafka, uri, settings);
  }

  /** The partitions that the group has given to members, whether they live or not. */
  Set<Integer> assignedInGroup() throws Exception {
    String group = "group-" + topic;
    ConsumerGroupDescription described;
    try {
      described =
          admin
              .describeConsumerGroups(List.of(group))
              .describedGroups()
              .get(group)
              .get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return Set.of();
      }
      throw e;
    }
    return described.members().stream()
        .flatMap(member -> member.assignment().topicPartitions().stream())
        .map(TopicPartition::partition)
        .collect(Collectors.toSet());
  }

  void send(Event... events) throws Exception {
    send(List.of(events));
  }

  void send(List<Event> events) throws Exception {
    sendRecords(events.stream().map(event -> Events.record(topic, null, event)).toList());
  }

  void sendRecords(List<ProducerRecord<byte[], byte[]>> records) throws Exception {
    List<java.util.concurrent.Future<?>> sent = new ArrayList<>();
    for (ProducerRecord<byte[], byte[]> record : records) {
      sent.add(producer.send(record));
    }
    for (java.util.concurrent.Future<?> one : sent) {
      one.get(60, TimeUnit.SECONDS);
    }
  }

  /** Records of the dead-letter topic, once there are so many. */
  List<ConsumerRecord<byte[], byte[]>> deadLetters(int atLeast) throws Exception {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", kafka),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition(dlq, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      List<ConsumerRecord<byte[], byte[]>> letters = new ArrayList<>();
      await(
          () -> {
            consumer.poll(Duration.ofMillis(200)).forEach(letters::add);
            return letters.size() >= atLeast;
          },
          () -> letters.size() + " dead letters (expected: " + atLeast + ")");
      return letters;
    }
  }

  /** Reads everything that is there until the groups' partitions stand at the log's end. */
  void awaitCaughtUp() throws Exception {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", kafka),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      long end =
          consumer
              .endOffsets(
                  consumer.partitionsFor(topic).stream()
                      .map(p -> new TopicPartition(topic, p.partition()))
                      .toList())
              .values()
              .stream()
              .mapToLong(l -> l)
              .sum();
      awaitProjected(end);
    }
  }

  private void awaitProjected(long end) throws Exception {
    await(
        () -> number("SELECT coalesce(sum(next_offset), 0) FROM consumed_offsets") == end,
        () ->
            "offsets: "
                + rows("SELECT to_json(o) FROM consumed_offsets o")
                + " (expected: "
                + end
                + ")");
  }

  /** Counts by name of every customer that is present. */
  Map<String, Map<String, Long>> counts() throws SQLException {
    Map<String, Map<String, Long>> counts = new TreeMap<>();
    for (JsonNode row :
        rows("SELECT to_json(c) FROM customers c WHERE present AND merged_into IS NULL")) {
      counts.put(row.get("id").asText(), new TreeMap<>(new Customer(row).counts()));
    }
    return counts;
  }

  /** Where each partition stands in Postgres. */
  Map<Integer, Long> offsets() throws SQLException {
    Map<Integer, Long> offsets = new TreeMap<>();
    for (JsonNode row : rows("SELECT to_json(o) FROM consumed_offsets o")) {
      offsets.put(row.get("partition").asInt(), row.get("next_offset").asLong());
    }
    return offsets;
  }

  Customer customer(String id) throws SQLException {
    return new Customer(
        rows("SELECT to_json(c) FROM customers c WHERE id = '" + id + "'").getFirst());
  }

  List<JsonNode> rows(String sql) throws SQLException {
    try (Connection connection = connect();
        ResultSet result = connection.createStatement().executeQuery(sql)) {
      List<JsonNode> rows = new ArrayList<>();
      while (result.next()) {
        rows.add(Json.parse(result.getString(1)));
      }
      return rows;
    }
  }

  long number(String sql) throws SQLException {
    try (Connection connection = connect();
        ResultSet result = connection.createStatement().executeQuery(sql)) {
      result.next();
      return result.getLong(1);
    }
  }

  void run(String sql) throws SQLException {
    try (Connection connection = connect()) {
      connection.createStatement().execute(sql);
    }
  }

  Connection connect() throws SQLException {
    URI parsed = URI.create(uri);
    return DriverManager.getConnection(
        "jdbc:postgresql://" + parsed.getHost() + ":" + parsed.getPort() + parsed.getPath(),
        "tidegate",
        "tidegate");
  }

  static void await(Callable<Boolean> condition, Callable<String> otherwise) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("after " + PATIENCE + ": " + otherwise.call());
      }
      LockSupport.parkNanos(20_000_000);
    }
  }

  static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws Exception {
    for (Node node : nodes) {
      node.stop();
    }
    producer.close(Duration.ofSeconds(1));
    admin.close(Duration.ofSeconds(1));
    get(vertx.close());
  }
}
