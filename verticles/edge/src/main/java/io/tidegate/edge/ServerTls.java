package io.tidegate.edge;

import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.util.concurrent.TimeUnit;

/**
 * TLS of the edge's port: BoringSSL where it is there, else the JDK's; HTTP/2 and HTTP/1.1 by ALPN.
 */
final class ServerTls {
  private ServerTls() {}

  /**
   * Switches it on.
   *
   * @return fails when certificate or key can't be read
   */
  static Future<HttpServerOptions> in(HttpServerOptions options, EdgeConfig config, Vertx vertx) {
    if (config.tls().isEmpty()) {
      return Future.succeededFuture(options);
    }
    EdgeConfig.Tls tls = config.tls().get();
    PemKeyCertOptions files =
        new PemKeyCertOptions().setCertPath(tls.certificate()).setKeyPath(tls.key());
    boolean boringSsl = OpenSSLEngineOptions.isAvailable();
    options
        .setSsl(true)
        .setSslEngineOptions(boringSsl ? new OpenSSLEngineOptions() : new JdkSSLEngineOptions())
        .setUseAlpn(true)
        .setSslHandshakeTimeout(config.headTimeout().toMillis())
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
        .setKeyCertOptions(files);
    return boringSsl
        ? vertx.executeBlocking(() -> onceRead(files, vertx)).map(options::setKeyCertOptions)
        : Future.succeededFuture(options);
  }

  /** Else key and chain go to BoringSSL anew, and are checked, at each handshake. */
  private static KeyCertOptions onceRead(PemKeyCertOptions files, Vertx vertx) throws Exception {
    return KeyCertOptions.wrap(
        new OpenSslCachingX509KeyManagerFactory(files.getKeyManagerFactory(vertx)));
  }
}
