package io.tidegate.bench;

import io.tidegate.bench.Peers.Peer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Behind TLS 1.3 with a P-256 certificate: a connection for each request, so that handshakes are
 * what takes time; and HTTP/2 with 64 connections of 16 streams that stay open.
 */
final class Tls implements Work {
  private static final String HANDSHAKES = "TLS handshakes";
  private static final String REQUESTS = "TLS, HTTP/2";
  private static final String NGINX = "nginx";
  private static final int STREAMS = 16;

  @Override
  public String name() {
    return "tls";
  }

  @Override
  public Duration quickTime() {
    return Duration.ofSeconds(26);
  }

  @Override
  public List<Bar> bars() {
    return List.of(Bar.TLS_HANDSHAKES, Bar.TLS_REQUESTS);
  }

  @Override
  public void run(Bench bench, Report report) throws InterruptedException, IOException {
    Certificate certificate = Certificate.in(bench.directory());
    Peer nginx = bench.peers().nginxTls(bench.upstream().port(), certificate);
    TidegateNode node =
        bench.start(
            NodeShape.usual("tidegate-tls")
                .with("TIDEGATE_EDGE_TLS_CERTIFICATE", certificate.chain().toString())
                .with("TIDEGATE_EDGE_TLS_KEY", certificate.key().toString()));
    try {
      String bearer = bench.tokens().bearer("bench");
      Target ours = target(node.port(), bearer);
      Target theirs = target(nginx.port(), bearer);
      H2Load h2load = new H2Load(bench.cores());
      Map<String, Series> requests =
          bench
              .rounds()
              .run(
                  REQUESTS,
                  List.of(
                      new Contender(
                          Bench.TIDEGATE,
                          node.process(),
                          time -> h2load.run(ours, Bench.CONNECTIONS, STREAMS, time)),
                      new Contender(
                          NGINX,
                          nginx.process(),
                          time -> h2load.run(theirs, Bench.CONNECTIONS, STREAMS, time))));
      report.add(requests.values());
      judge(report, Bar.TLS_REQUESTS, requests);
      Map<String, Series> handshakes =
          bench
              .roundsOfWarm()
              .run(
                  HANDSHAKES,
                  List.of(
                      bench.contender(
                          Bench.TIDEGATE, node.process(), ours.with("connection", "close")),
                      bench.contender(NGINX, nginx.process(), theirs.with("connection", "close"))));
      report.add(handshakes.values());
      judge(report, Bar.TLS_HANDSHAKES, handshakes);
    } finally {
      node.close();
      nginx.process().close();
    }
  }

  private static void judge(Report report, Bar bar, Map<String, Series> all) {
    Series own = all.get(Bench.TIDEGATE);
    Series nginx = all.get(NGINX);
    if (own != null && nginx != null) {
      report.judge(bar, own.rate() / nginx.rate(), RoutedGet.rate(own, nginx));
    }
  }

  private static Target target(int port, String bearer) {
    return Target.get("https://127.0.0.1:" + port + "/routed/item").with("authorization", bearer);
  }
}
