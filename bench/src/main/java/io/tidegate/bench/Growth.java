package io.tidegate.bench;

import java.io.IOException;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
  private static final String SECOND_DATABASE = "bench_few";

  @Override
  public String name() {
    return "growth";
  }

  @Override
  public Duration quickTime() {
    return Duration.ofSeconds(46);
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
    String bearer = bench.tokens().bearer("bench");
    Target target = Target.get(node.url("/routed/item")).with("authorization", bearer);
    NodeShape usual = NodeShape.usual("tidegate");
    NodeShape routes = new NodeShape("tidegate", 1_000, usual.policies(), Map.of());
    NodeShape policies = new NodeShape("tidegate", usual.routes(), 10, Map.of());
    Contender few = bench.contender(FEW, node.process(), target);
    Contender many = bench.contender(CONNECTIONS, node.process(), target, MANY_CONNECTIONS);
    try {
      Map<String, Series> all =
          bench
              .roundsOfWarm()
              .run(
                  "growth, routed GET",
                  List.of(
                      few.after(() -> node.become(usual)),
                      bench
                          .contender(ROUTES, node.process(), target)
                          .after(() -> node.become(routes)),
                      bench
                          .contender(POLICIES, node.process(), target)
                          .after(() -> node.become(policies)),
                      many.after(() -> node.become(usual))));
      report.add(all.values());
      judge(report, Bar.GROWTH_ROUTES, all.get(ROUTES), all.get(FEW));
      judge(report, Bar.GROWTH_POLICIES, all.get(POLICIES), all.get(FEW));
      judge(report, Bar.GROWTH_CONNECTIONS, all.get(CONNECTIONS), all.get(FEW));
    } finally {
      node.become(usual);
    }
  }

  private static void customers(Bench bench, Report report)
      throws InterruptedException, IOException {
    String uri = bench.stack().postgresUri();
    Customers.ensure(bench, uri, ProfileCold.CUSTOMERS);
    String second = second(uri);
    TidegateNode few =
        bench.start(
            NodeShape.usual("tidegate-customers")
                .with("TIDEGATE_POSTGRES_URI", second)
                .with("TIDEGATE_REDIS_URI", bench.stack().redisUri() + "/1")
                .with("TIDEGATE_NODE_ROLES", "edge,ingestion,routing,ratelimit,profile"));
    try {
      Customers.ensure(bench, second, READ);
      String bearer = bench.tokens().bearer("bench");
      long step = ProfileCold.CUSTOMERS / READ;
      Target some = ProfileHit.profiles(few, bearer, READ);
      Target spread = ProfileHit.profiles(bench.node(), bearer, READ);
      Map<String, Series> all =
          bench
              .rounds()
              .run(
                  "growth, profile read",
                  List.of(
                      bench.contender(FEW_CUSTOMERS, few.process(), some),
                      bench.contender(
                          MANY_CUSTOMERS, bench.node().process(), spread.striding(step))));
      report.add(all.values());
      judge(report, Bar.GROWTH_CUSTOMERS, all.get(MANY_CUSTOMERS), all.get(FEW_CUSTOMERS));
    } finally {
      few.close();
    }
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
