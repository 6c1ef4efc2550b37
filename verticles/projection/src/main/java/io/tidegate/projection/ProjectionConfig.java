package io.tidegate.projection;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.tidegate.platform.Checks;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How events become profiles. */
@ConfigMapping(prefix = "projection")
public interface ProjectionConfig {
  /** The log's topic; ingestion writes it. */
  @WithDefault("tidegate.events")
  String topic();

  /** Where records go that can't be projected. */
  @WithDefault("tidegate.events.dlq")
  String dlqTopic();

  /** The consumer group. Where it stands is in Postgres; Kafka is told for lag tools only. */
  @WithDefault("tidegate-projection")
  String groupId();

  /** Most records in one transaction. */
  @WithDefault("2000")
  int maxBatch();

  /** Most bytes fetched from Kafka at once. */
  @WithDefault("16777216")
  int maxFetchBytes();

  /**
   * Silence after which a dead or frozen node's partitions move to others, at most a second later.
   * A node that leaves hands them over at once. Kafka allows 6 s and more unless told otherwise
   * ({@code group.min.session.timeout.ms}).
   */
  @WithDefault("6s")
  Duration sessionTimeout();

  /**
   * Most time for one statement of a batch; one without an answer a second later has failed. A
   * transaction left open is ended after 6 s.
   */
  @WithDefault("4s")
  Duration statementTimeout();

  /** Wait after a first failure; doubles with each one after. */
  @WithDefault("100ms")
  Duration retryDelay();

  /** Longest wait between attempts. */
  @WithDefault("5s")
  Duration maxRetryDelay();

  /** How often Kafka is asked where the log ends: for lag, readiness and topics made anew. */
  @WithDefault("2s")
  Duration probeInterval();

  /** How often partitions are made ahead and old data dropped. */
  @WithDefault("1h")
  Duration housekeepingInterval();

  /** Events are kept for so long after they arrived, in whole days. */
  @WithDefault("365d")
  Duration eventRetention();

  /**
   * A message id is remembered for so long. Must be longer than Kafka keeps events and clients send
   * again.
   */
  @WithDefault("30d")
  Duration messageIdRetention();

  /** Track events that are purchases. */
  @WithDefault("Order Completed")
  List<String> purchaseEvents();

  /**
   * Whether alias merges an id that was itself a user id, as Segment's spec has it. Off, only ids
   * never seen as a user id are merged. On, whoever holds a write key (which apps and web pages
   * show to everybody) can merge one known customer into another and read its traits there.
   */
  @WithDefault("false")
  boolean aliasOfUsers();

  /**
   * Tags, in order. None: {@code high-value} when {@code purchases > 5 and interactions > 10}, else
   * {@code potential}. When they change, every customer is tagged again in the background.
   */
  List<Tag> tags();

  /** One tag's rule. */
  interface Tag {
    /** Given when the condition holds. */
    String tag();

    /** Such as {@code purchases > 5 and (interactions > 10 or counts["Order Refunded"] = 0)}. */
    String when();

    /** Given when it doesn't. */
    Optional<String> otherwise();
  }

  /** Notes what is out of range or can't be parsed. */
  static void check(ProjectionConfig config, Checks checks) {
    checks
        .between("projection.max-batch", config.maxBatch(), 1, 10_000)
        .between("projection.max-fetch-bytes", config.maxFetchBytes(), 1 << 16, 1 << 28)
        .positive("projection.retry-delay", config.retryDelay())
        .positive("projection.max-retry-delay", config.maxRetryDelay())
        .positive("projection.probe-interval", config.probeInterval())
        .positive("projection.housekeeping-interval", config.housekeepingInterval())
        .positive("projection.statement-timeout", config.statementTimeout());
    atLeast(checks, "projection.session-timeout", config.sessionTimeout(), Duration.ofSeconds(6));
    atLeast(checks, "projection.event-retention", config.eventRetention(), Duration.ofDays(1));
    atLeast(
        checks, "projection.message-id-retention", config.messageIdRetention(), Duration.ofDays(1));
    for (int i = 0; i < config.tags().size(); i++) {
      Tag tag = config.tags().get(i);
      String key = "projection.tags[" + i + "]";
      checks.expect(!tag.tag().isBlank(), key + ".tag", tag.tag(), "a tag's name");
      try {
        ConditionParser.parse(tag.when());
      } catch (IllegalArgumentException e) {
        checks.expect(false, key + ".when", tag.when(), String.valueOf(e.getMessage()));
      }
    }
  }

  private static void atLeast(Checks checks, String key, Duration value, Duration least) {
    checks.expect(value.compareTo(least) >= 0, key, value, ">= " + least);
  }
}
