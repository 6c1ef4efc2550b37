package io.tidegate.projection;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** What the log says of itself: which topic it is, where its partitions begin and end. */
final class LogPosition implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(3);

  /**
   * A partition's offsets.
   *
   * @param begin of the oldest record kept
   * @param end of the next record to come
   */
  record Bounds(long begin, long end) {}

  /** Kafka did not answer. */
  static final class UnknownException extends Exception {
    UnknownException(Throwable cause) {
      super(
          String.valueOf(cause.getMessage() == null ? cause : cause.getMessage()),
          cause,
          false,
          false);
    }
  }

  private final String topic;
  private final Admin admin;

  /**
   * @param kafka what every client is made with: {@code bootstrap.servers}, and security where
   *     needed
   */
  LogPosition(Map<String, Object> kafka, String topic) {
    this.topic = topic;
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "tidegate-projection-admin");
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) LIMIT.toMillis());
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) LIMIT.toMillis());
    this.admin = Admin.create(settings);
  }

  /** The topic's id: another one when it was deleted and made anew. */
  KafkaFuture<String> topicId() {
    return admin
        .describeTopics(List.of(topic))
        .allTopicNames()
        .thenApply(topics -> topics.values().iterator().next().topicId().toString());
  }

  /** Where partitions end. */
  KafkaFuture<Map<TopicPartition, ListOffsetsResultInfo>> ends(Collection<Integer> partitions) {
    return admin.listOffsets(specs(partitions, OffsetSpec.latest())).all();
  }

  /** Where partitions begin and end. */
  Map<Integer, Bounds> bounds(Collection<Integer> partitions)
      throws UnknownException, InterruptedException {
    var begins = admin.listOffsets(specs(partitions, OffsetSpec.earliest())).all();
    Map<TopicPartition, ListOffsetsResultInfo> ends = await(ends(partitions));
    Map<Integer, Bounds> bounds = new HashMap<>();
    await(begins)
        .forEach(
            (partition, begin) -> {
              ListOffsetsResultInfo end = ends.get(partition);
              if (end != null) {
                bounds.put(partition.partition(), new Bounds(begin.offset(), end.offset()));
              }
            });
    return bounds;
  }

  static <T> T await(KafkaFuture<T> answer) throws UnknownException, InterruptedException {
    try {
      return answer.get(LIMIT.toMillis() + 1_000, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new UnknownException(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw new UnknownException(e);
    }
  }

  private Map<TopicPartition, OffsetSpec> specs(Collection<Integer> partitions, OffsetSpec spec) {
    Map<TopicPartition, OffsetSpec> specs = new HashMap<>();
    partitions.forEach(partition -> specs.put(new TopicPartition(topic, partition), spec));
    return specs;
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
  }
}
