package io.tidegate.cluster;

import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;

/** How nodes' event buses talk: where, and by which certificates. */
public final class BusOptions {
  private BusOptions() {}

  /**
   * The event bus's options.
   *
   * @param port where it listens
   */
  public static EventBusOptions of(ClusterConfig cluster, int port) {
    EventBusOptions options =
        new EventBusOptions()
            .setHost(cluster.host())
            .setPort(port)
            .setConnectTimeout(1_000)
            .setReconnectAttempts(0)
            .setTcpNoDelay(true)
            // Beats tell who is silent; these only clear away connections to nowhere.
            .setClusterPingInterval(5_000)
            .setClusterPingReplyInterval(5_000)
            .setTrustAll(false);
    ClusterConfig.Tls tls = cluster.tls();
    if (tls.configured()) {
      options
          .setSsl(true)
          .setClientAuth(ClientAuth.REQUIRED)
          .setKeyCertOptions(
              new PemKeyCertOptions()
                  .addCertPath(tls.certificate().orElseThrow())
                  .addKeyPath(tls.key().orElseThrow()))
          .setTrustOptions(new PemTrustOptions().addCertPath(tls.ca().orElseThrow()));
    }
    return options;
  }
}
