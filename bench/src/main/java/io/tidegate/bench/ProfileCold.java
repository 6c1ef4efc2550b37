package io.tidegate.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Profiles that no cache holds, beside {@code pgbench -S} on the same server: a million customers
 * are read one after the other, Redis is emptied before each round, and the process may hold next
 * to none.
 */
final class ProfileCold implements Work {
  static final long CUSTOMERS = 1_000_000;

  private static final String PGBENCH = "pgbench -S -M prepared -c 16";
  private static final int TIME_LIMIT_MILLIS = 10_000;

  @Override
  public String name() {
    return "profile-cold";
  }

  @Override
  public boolean readsMillion() {
    return true;
  }

  @Override
  public Duration quickTime() {
    return Duration.ofSeconds(38);
  }

  @Override
  public List<Bar> bars() {
    return List.of(Bar.PROFILE_COLD);
  }

  @Override
  public void run(Bench bench, Report report) throws InterruptedException, IOException {
    TidegateNode node =
        bench.start(
            NodeShape.usual("tidegate-cold").with("TIDEGATE_PROFILE_PROCESS_BYTES", "1048576"));
    try {
      String uri = bench.stack().postgresUri();
      Customers.ensure(bench, uri, CUSTOMERS);
      Pgbench pgbench = new Pgbench(bench.cores(), uri);
      bench.say("filling pgbench's tables");
      pgbench.fill();
      Map<String, Series> all =
          bench
              .rounds()
              .run(
                  "profile read, all cold",
                  List.of(
                      cold(bench, Bench.TIDEGATE, node, CUSTOMERS),
                      new Contender(PGBENCH, null, pgbench::select)));
      report.add(all.values());
      Series own = all.get(Bench.TIDEGATE);
      Series floor = all.get(PGBENCH);
      if (own != null && floor != null) {
        report.judge(Bar.PROFILE_COLD, own.rate() / floor.rate(), RoutedGet.rate(own, floor));
      }
    } finally {
      node.close();
    }
  }

  /** Each round goes on where the one before ended, with nothing in Redis. */
  static Contender cold(Bench bench, String name, TidegateNode node, long customers)
      throws IOException {
    Target any = ProfileHit.profiles(bench, node, customers);
    return onward(bench, name, node, any).after(() -> empty(bench.stack().redisUri()));
  }

  /** Reads one customer after the other; each measurement goes on where the one before ended. */
  static Contender onward(Bench bench, String name, TidegateNode node, Target all) {
    Wrk wrk = bench.wrk();
    AtomicLong next = new AtomicLong();
    return new Contender(
        name,
        node.process(),
        time -> {
          LoadResult result =
              wrk.run(all.from(next.get() % all.walk().count()), Bench.WAITING_CONNECTIONS, time);
          next.addAndGet(result.requests());
          return result;
        });
  }

  private static void empty(String redisUri) throws IOException {
    int port = URI.create(redisUri).getPort();
    try (Socket redis = new Socket(InetAddress.getLoopbackAddress(), port)) {
      redis.setSoTimeout(TIME_LIMIT_MILLIS);
      redis.getOutputStream().write("FLUSHALL\r\n".getBytes(StandardCharsets.US_ASCII));
      InputStream in = redis.getInputStream();
      if (in.read() != '+') {
        throw new BenchFailure("Redis did not take FLUSHALL");
      }
    }
  }
}
