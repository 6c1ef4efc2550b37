package io.tidegate.ingestion;

import io.tidegate.platform.Readiness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Kafka again and again, on a thread of its own, whether it is there and has the topics, and
 * makes those it lacks.
 */
final class LogProbe {
  private static final Logger log = LoggerFactory.getLogger(LogProbe.class);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(4);

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(1);

  /** One lost question is no outage: the producer itself may be well. */
  private static final int DOWN_AFTER = 2;

  private final IngestionConfig config;
  private final KafkaClients clients;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private @Nullable Admin admin;
  private volatile String status = "Kafka was not found yet";
  private volatile boolean up;
  private int failures;

  LogProbe(IngestionConfig config, KafkaClients clients) {
    this.config = config;
    this.clients = clients;
    this.thread = Thread.ofPlatform().daemon().name("tidegate-log-probe").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** False until Kafka was found, and when it has failed to answer several times in a row. */
  boolean isUp() {
    return up;
  }

  /** {@link Readiness#OK}, or why not. */
  String status() {
    return status;
  }

  void close() throws InterruptedException {
    closed.countDown();
    thread.interrupt(); // it may be waiting for an answer that does not come
    thread.join(CLOSE_WITHIN);
  }

  private void run() {
    try {
      do {
        ask();
      } while (!closed.await(config.probeInterval().toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (admin != null) {
        admin.close(Duration.ZERO);
      }
    }
  }

  private void ask() throws InterruptedException {
    try {
      Admin asked = admin;
      if (asked == null) {
        asked = clients.admin();
        admin = asked;
      }
      ensureTopics(asked);
      found();
    } catch (ExecutionException e) {
      lost(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException | KafkaException e) {
      lost(e);
    }
  }

  private void ensureTopics(Admin admin)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<NewTopic> absent = new ArrayList<>();
    Map<String, KafkaFuture<TopicDescription>> topics =
        admin.describeTopics(List.of(config.topic(), config.dlqTopic())).topicNameValues();
    for (Map.Entry<String, KafkaFuture<TopicDescription>> topic : topics.entrySet()) {
      try {
        await(topic.getValue());
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw e;
        }
        absent.add(newTopic(topic.getKey()));
      }
    }
    for (KafkaFuture<Void> made : admin.createTopics(absent).values().values()) {
      try {
        await(made);
      } catch (ExecutionException e) {
        // Another node was faster.
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw e;
        }
      }
    }
  }

  private NewTopic newTopic(String name) {
    log.atInfo()
        .addKeyValue("topic", name)
        .addKeyValue("partitions", config.partitions())
        .log("making a topic");
    Optional<Short> replicas =
        config.replicationFactor() < 0
            ? Optional.empty()
            : Optional.of((short) config.replicationFactor());
    return new NewTopic(name, Optional.of(config.partitions()), replicas)
        .configs(
            Map.of(TopicConfig.RETENTION_MS_CONFIG, Long.toString(config.retention().toMillis())));
  }

  private static <T> T await(KafkaFuture<T> future)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future.get(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void found() {
    failures = 0;
    if (!up) {
      log.atInfo().log("Kafka is there and has the topics");
    }
    up = true;
    status = Readiness.OK;
  }

  private void lost(Throwable cause) {
    failures++;
    boolean news = up ? failures == DOWN_AFTER : failures == 1;
    if (news) {
      log.atWarn()
          .addKeyValue("cause", String.valueOf(cause))
          .log("Kafka does not answer; events are refused until it does");
    }
    if (!up || news) {
      up = false;
      status = "Kafka does not answer: " + cause.getClass().getSimpleName();
    }
  }
}
