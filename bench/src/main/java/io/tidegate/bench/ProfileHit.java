package io.tidegate.bench;

import io.tidegate.bench.Peers.Peer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Profiles that the node holds, beside bare Vert.x answering constant JSON of the same length. A
 * hundred customers are read in turn.
 */
final class ProfileHit implements Work {
  private static final String BARE = "bare Vert.x, constant JSON";
  private static final int CUSTOMERS = 100;

  @Override
  public String name() {
    return "profile-hit";
  }

  @Override
  public Duration quickTime() {
    return Duration.ofSeconds(19);
  }

  @Override
  public List<Bar> bars() {
    return List.of(Bar.PROFILE_HIT);
  }

  @Override
  public void run(Bench bench, Report report) throws InterruptedException, IOException {
    TidegateNode node = bench.node();
    Customers.ensure(bench, bench.stack().postgresUri(), 1_000);
    String bearer = bench.tokens().bearer("bench");
    Target profiles = profiles(bench, node, CUSTOMERS);
    int length = length(node.url("/v1/customers/" + Customers.id(1) + "/profile"), bearer);
    Peer bare = bench.peers().bareJson(length);
    Target constant =
        Target.get(bare.url(""))
            .by(bench.callers())
            .walking("/v1/customers/bench-%d/profile", 1, CUSTOMERS);
    Map<String, Series> series =
        bench
            .rounds()
            .run(
                "profile read, L1 hit",
                List.of(
                    bench.contender(Bench.TIDEGATE, node.process(), profiles),
                    bench.contender(BARE, bare.process(), constant)));
    report.add(series.values());
    Series own = series.get(Bench.TIDEGATE);
    Series floor = series.get(BARE);
    if (own != null && floor != null) {
      report.judge(Bar.PROFILE_HIT, own.cpuMicros() / floor.cpuMicros(), RoutedGet.cpu(own, floor));
    }
  }

  /** The profiles of the first so many customers, in turn. */
  static Target profiles(Bench bench, TidegateNode node, long customers) throws IOException {
    return Target.get(node.url(""))
        .by(bench.callers())
        .walking("/v1/customers/bench-%d/profile", 1, customers);
  }

  private static int length(String url, String bearer) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(Duration.ofSeconds(10))
            .header("authorization", bearer)
            .build();
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new BenchFailure(url + " answered " + answer.statusCode() + ": " + answer.body());
      }
      return answer.body().length();
    }
  }
}
