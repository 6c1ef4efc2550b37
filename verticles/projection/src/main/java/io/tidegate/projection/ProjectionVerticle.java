package io.tidegate.projection;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.platform.Readiness;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.sqlclient.Pool;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.stream.Stream;

/**
 * The projection's role: reads the log and keeps customer profiles in Postgres. Its start does not
 * need Kafka or Postgres; it waits for both and goes on by itself. Works on two threads of its own.
 */
public final class ProjectionVerticle extends VerticleBase {
  /** How long a stop waits for the batch under way; then it is rolled back. */
  private static final Duration GRACE = Duration.ofSeconds(3);

  private final Thread reading;
  private final Thread keeping;
  private final Projection projection;
  private final Housekeeping housekeeping;

  /**
   * @param kafka what every client is made with: {@code bootstrap.servers}, and security where
   *     needed
   * @param pool of the database with the profiles, two connections at least; the caller closes it
   *     after this verticle stopped
   * @param readiness gets the check {@code projection}
   */
  public ProjectionVerticle(
      Bus bus,
      ProjectionConfig config,
      Map<String, Object> kafka,
      Pool pool,
      MeterRegistry meters,
      Readiness readiness) {
    Clock clock = Clock.systemUTC();
    Duration limit = config.statementTimeout();
    Ledger.Rules rules = rules(config);
    DayPartitions days = new DayPartitions(pool, limit, config.eventRetention(), clock);
    Links links =
        new Links(
            new Link("kafka"),
            new Link("postgres"),
            new Link("dead-letter topic"),
            new Link("projection"));
    Link ownHousekeeping = new Link("housekeeping");
    List.of(links.deadLetters(), links.projection(), ownHousekeeping).forEach(Link::works);
    ProjectionMeters projectionMeters = new ProjectionMeters(meters);
    List<Link> all =
        List.of(links.kafka(), links.postgres(), links.deadLetters(), links.projection());
    Stream.concat(all.stream(), Stream.of(ownHousekeeping))
        .forEach(link -> projectionMeters.reachable(link.name(), () -> link.up() ? 1 : 0));
    readiness.register(
        "projection",
        () ->
            all.stream()
                .filter(link -> !link.up())
                .findFirst()
                .map(Link::report)
                .orElse(Readiness.OK));
    projection =
        new Projection(config, kafka, pool, bus, rules, days, links, projectionMeters, clock);
    housekeeping =
        new Housekeeping(
            pool,
            config,
            days,
            new Retagging(pool, Housekeeping.LIMIT, rules.tags(), new Announcer(bus)),
            links.postgres(),
            ownHousekeeping,
            clock);
    reading = Thread.ofPlatform().daemon().name("tidegate-projection").unstarted(projection);
    keeping = Thread.ofVirtual().name("tidegate-projection-housekeeping").unstarted(housekeeping);
  }

  private static Ledger.Rules rules(ProjectionConfig config) {
    List<TagRules.Rule> rules = new ArrayList<>();
    for (ProjectionConfig.Tag tag : config.tags()) {
      rules.add(
          new TagRules.Rule(
              tag.tag(), ConditionParser.parse(tag.when()), tag.otherwise().orElse(null)));
    }
    return new Ledger.Rules(
        Set.copyOf(config.purchaseEvents()),
        config.aliasOfUsers(),
        rules.isEmpty() ? TagRules.DEFAULT : new TagRules(rules));
  }

  /** Numbers of the log's partitions this node owns now; a copy. From any thread. */
  public SortedSet<Integer> partitionsOwned() {
    return projection.partitionsOwned();
  }

  @Override
  public Future<?> start() {
    reading.start();
    keeping.start();
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    projection.stop();
    housekeeping.stop();
    return vertx.executeBlocking(
        () -> {
          for (Thread thread : List.of(reading, keeping)) {
            if (!thread.join(GRACE)) {
              thread.interrupt();
              thread.join(GRACE);
            }
          }
          return null;
        });
  }
}
