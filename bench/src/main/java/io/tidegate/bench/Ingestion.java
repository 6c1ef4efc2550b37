package io.tidegate.bench;

import io.tidegate.bench.Peers.Peer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Events that Kafka has acknowledged, one a request and a hundred a request, beside bare Vert.x
 * answering constant JSON and beside Kafka's own producer. The projection runs on other nodes, as
 * it does where there are many: here it would go on for minutes after each round.
 */
final class Ingestion implements Work {
  private static final String ONE = "ingestion, single events";
  private static final String BATCH = "ingestion, batches of 100";
  private static final String BARE = "bare Vert.x, constant JSON";
  private static final String KAFKA = "Kafka's own producer";
  private static final String TOPIC = "bench.events";
  private static final int BATCH_SIZE = 100;
  private static final int BODIES = 1_000;
  private static final int BATCHES = 50;

  @Override
  public String name() {
    return "ingestion";
  }

  @Override
  public Duration quickTime() {
    return Duration.ofSeconds(50);
  }

  @Override
  public List<Bar> bars() {
    return List.of(Bar.INGEST_SINGLE, Bar.INGEST_BATCH);
  }

  @Override
  public void run(Bench bench, Report report) throws InterruptedException, IOException {
    TidegateNode node =
        bench.start(
            NodeShape.usual("tidegate-ingestion")
                .with(NodeShape.ROLES, NodeShape.NO_PROJECTION)
                .with("TIDEGATE_INGESTION_TOPIC", TOPIC)
                .with("TIDEGATE_INGESTION_DLQ_TOPIC", TOPIC + ".dlq")
                .with("TIDEGATE_PROJECTION_TOPIC", TOPIC)
                .with("TIDEGATE_PROJECTION_DLQ_TOPIC", TOPIC + ".dlq"));
    try {
      single(bench, report, node);
      batches(bench, report, node);
    } finally {
      node.close();
    }
  }

  private static void single(Bench bench, Report report, TidegateNode node)
      throws InterruptedException, IOException {
    Peer bare = bench.peers().bareJson("{\"success\":true}".length());
    String key = Events.authorization(TidegateNode.WRITE_KEY);
    Target theirs =
        Target.post(bare.url("/v1/track"), Events.ones(BODIES)).with("authorization", key);
    Map<String, Series> all =
        bench
            .rounds()
            .run(
                ONE,
                List.of(
                    bench.contender(
                        Bench.TIDEGATE, node.process(), ones(node), Bench.WAITING_CONNECTIONS),
                    bench.contender(BARE, bare.process(), theirs, Bench.WAITING_CONNECTIONS)));
    report.add(all.values());
    bare.process().close();
    Series own = all.get(Bench.TIDEGATE);
    Series floor = all.get(BARE);
    if (own != null && floor != null) {
      report.judge(Bar.INGEST_SINGLE, own.rate() / floor.rate(), RoutedGet.rate(own, floor));
    }
  }

  /** One event a request. */
  static Target ones(TidegateNode node) {
    return Target.post(node.url("/v1/track"), Events.ones(BODIES))
        .with("authorization", Events.authorization(TidegateNode.WRITE_KEY));
  }

  private static void batches(Bench bench, Report report, TidegateNode node)
      throws InterruptedException, IOException {
    Target target =
        Target.post(node.url("/v1/batch"), Events.batches(BATCHES, BATCH_SIZE))
            .with("authorization", Events.authorization(TidegateNode.WRITE_KEY));
    Wrk wrk = bench.wrk();
    Contender ours =
        new Contender(
            Bench.TIDEGATE,
            node.process(),
            time -> wrk.run(target, Bench.CONNECTIONS, time).times(BATCH_SIZE));
    Programs programs = new Programs(bench.cores());
    Contender kafka =
        new Contender(
            KAFKA,
            null,
            time ->
                programs.kafkaProducer(
                    bench.stack().kafkaServers(), TOPIC, time, bench.quick() ? 2 : 10));
    Map<String, Series> all = bench.roundsOfSlowStarters().run(BATCH, List.of(ours, kafka));
    report.add(all.values());
    Series own = all.get(Bench.TIDEGATE);
    Series alone = all.get(KAFKA);
    if (own != null && alone != null) {
      report.judge(Bar.INGEST_BATCH, own.rate() / alone.rate(), RoutedGet.rate(own, alone));
    }
  }
}
