package io.tidegate.bench;

import java.io.IOException;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Processor time per request as things become more: routes, limits that apply, connections, and
 * customers in Postgres of whom the same thousand are read. Each pair is measured in turns.
 */
final class Growth implements Work {
  private static final String FEW = "Tidegate, 10 routes, 1 policy";
  private static final String ROUTES = "Tidegate, 1,000 routes";
  private static final String POLICIES = "Tidegate, 10 policies";
  private static final String CONNECTIONS = "Tidegate, 5,000 connections";
  private static final String FEW_CUSTOMERS = "Tidegate, 10^3 customers";
  private static final String MANY_CUSTOMERS = "Tidegate, 10^6 customers";
  private static final int MANY_CONNECTIONS = 5_000;
  private static final int READ = 1_000;

  /** Load with many connections takes so many times longer: they are open by its last part. */
  private static final int OPENING = 3;

  /** Until callers have their leases of limits that are new. */
  private static final Duration SETTLING = Duration.ofSeconds(1);

  private static final String SECOND_DATABASE = "bench_few";

  @Override
  public String name() {
    return "growth";
  }

  @Override
  public boolean readsMillion() {
    return true;
  }

  @Override
  public Duration quickTime() {
    return Duration.ofSeconds(44);
  }

  @Override
  public List<Bar> bars() {
    return List.of(
        Bar.GROWTH_ROUTES, Bar.GROWTH_POLICIES, Bar.GROWTH_CUSTOMERS, Bar.GROWTH_CONNECTIONS);
  }

  @Override
  public void run(Bench bench, Report report) throws InterruptedException, IOException {
    routed(bench, report);
    customers(bench, report);
  }

  /** One node that is given more routes and limits, and what it had again, between the rounds. */
  private static void routed(Bench bench, Report report) throws InterruptedException, IOException {
    TidegateNode node = bench.node();
    NodeShape usual = NodeShape.usual("tidegate");
    NodeShape routes = new NodeShape("tidegate", 1_000, usual.policies(), Map.of());
    NodeShape policies = new NodeShape("tidegate", usual.routes(), 10, Map.of());
    try {
      Map<String, Series> all =
          bench
              .roundsOfWarm()
              .run(
                  "growth, routed GET",
                  List.of(
                      contender(bench, FEW, node, usual, Bench.CONNECTIONS),
                      contender(bench, ROUTES, node, routes, Bench.CONNECTIONS),
                      contender(bench, POLICIES, node, policies, Bench.CONNECTIONS),
                      contender(bench, CONNECTIONS, node, usual, MANY_CONNECTIONS)));
      report.add(all.values());
      judge(report, Bar.GROWTH_ROUTES, all.get(ROUTES), all.get(FEW));
      judge(report, Bar.GROWTH_POLICIES, all.get(POLICIES), all.get(FEW));
      judge(report, Bar.GROWTH_CONNECTIONS, all.get(CONNECTIONS), all.get(FEW));
    } finally {
      node.become(usual);
    }
  }

  /** All of a shape's routes are called in turn. */
  private static Contender contender(
      Bench bench, String name, TidegateNode node, NodeShape shape, int connections)
      throws IOException {
    Target target =
        Target.get(node.url(""))
            .by(bench.callers())
            .walking(NodeShape.OTHER_PATH + "item", 1, shape.routes() - 1L);
    Wrk wrk = bench.wrk();
    Contender.Load load =
        connections > Bench.CONNECTIONS
            ? time -> onceOpen(node, wrk, target, time)
            : time -> wrk.run(target, connections, time);
    return new Contender(name, node.process(), load)
        .after(
            () -> {
              node.become(shape);
              if (bench.quick()) {
                return;
              }
              // Other limits begin with no leases: what the first ones cost is no cost of the
              // growth.
              wrk.run(target, Bench.CONNECTIONS, SETTLING);
            });
  }

  /**
   * What requests cost when all connections are open: wrk opens them within its own time, so that
   * the node's counters tell how many there were after that.
   */
  private static LoadResult onceOpen(TidegateNode node, Wrk wrk, Target target, Duration time)
      throws InterruptedException, IOException {
    Duration all = time.multipliedBy(OPENING);
    FutureTask<LoadResult> whole = new FutureTask<>(() -> wrk.run(target, MANY_CONNECTIONS, all));
    Thread generator = Thread.ofPlatform().name("wrk").start(whole);
    try {
      Thread.sleep(all.minus(time));
      long begin = System.nanoTime();
      long requests = node.requests();
      long cpu = node.process().usage().cpuMicros();
      Thread.sleep(time.multipliedBy(9).dividedBy(10));
      requests = node.requests() - requests;
      cpu = node.process().usage().cpuMicros() - cpu;
      double seconds = (System.nanoTime() - begin) / 1e9;
      LoadResult told = whole.get();
      return new LoadResult(
          requests,
          seconds,
          told.p50Micros(),
          told.p99Micros(),
          told.p999Micros(),
          told.errors(),
          cpu);
    } catch (ExecutionException e) {
      throw new BenchFailure("5,000 connections: " + e.getCause());
    } finally {
      generator.interrupt(); // or it would load whoever is next
      generator.join();
    }
  }

  private static void customers(Bench bench, Report report)
      throws InterruptedException, IOException {
    String uri = bench.stack().postgresUri();
    Customers.ensure(bench, uri, ProfileCold.CUSTOMERS);
    String second = second(uri);
    try (TidegateNode few = start(bench, "tidegate-few", second, "/1");
        TidegateNode many = start(bench, "tidegate-many", uri, "/2")) {
      Customers.ensure(bench, second, READ);
      Target some = ProfileHit.profiles(bench, few, READ);
      Target spread = ProfileHit.profiles(bench, many, READ).striding(ProfileCold.CUSTOMERS / READ);
      Map<String, Series> all =
          bench
              .roundsOfSlowStarters()
              .run(
                  "growth, profile read",
                  List.of(
                      bench.contender(FEW_CUSTOMERS, few.process(), some),
                      bench.contender(MANY_CUSTOMERS, many.process(), spread)));
      report.add(all.values());
      judge(report, Bar.GROWTH_CUSTOMERS, all.get(MANY_CUSTOMERS), all.get(FEW_CUSTOMERS));
    }
  }

  /** Two nodes alike but for the database; neither projects, for both read one log. */
  private static TidegateNode start(Bench bench, String name, String postgres, String redis)
      throws IOException, InterruptedException {
    return bench.start(
        NodeShape.usual(name)
            .with("TIDEGATE_POSTGRES_URI", postgres)
            .with("TIDEGATE_REDIS_URI", bench.stack().redisUri() + redis)
            .with(NodeShape.ROLES, NodeShape.NO_PROJECTION));
  }

  /** Another database of the same server. */
  private static String second(String uri) {
    try (Connection connection = Customers.connect(uri);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + SECOND_DATABASE);
    } catch (SQLException e) {
      throw new BenchFailure("no second database: " + e.getMessage());
    }
    return uri.substring(0, uri.length() - URI.create(uri).getPath().length())
        + "/"
        + SECOND_DATABASE;
  }

  private static void judge(Report report, Bar bar, @Nullable Series many, @Nullable Series few) {
    if (many != null && few != null) {
      report.judge(
          bar,
          many.cpuMicros() / few.cpuMicros(),
          "%.1f us against %.1f us".formatted(many.cpuMicros(), few.cpuMicros()));
    }
  }
}
