package io.tidegate.edge;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * What Segment's SDKs for browsers and phones ask for before they send anything, and without which
 * a browser's sends nothing: {@code GET /v1/projects/WRITE_KEY/settings}, which their own service
 * answers from a content network. Ours has them send all events here.
 */
final class SdkSettings {
  private SdkSettings() {}

  /** Answers with the settings of a write key that is known. */
  static void answer(Exchange exchange, String writeKey) {
    HttpServerRequest request = exchange.request();
    String said = exchange.peer().trusted() ? request.getHeader("x-forwarded-proto") : null;
    boolean tls = said == null ? request.isSSL() : said.equalsIgnoreCase("https");
    exchange.response().headers().set("cache-control", "public, max-age=300");
    exchange.json(200, of(writeKey, String.valueOf(request.authority()), tls ? "https" : "http"));
  }

  /**
   * The settings.
   *
   * @param authority where the caller reaches the gateway: host, and port if it is another than the
   *     protocol's
   * @param protocol {@code http} or {@code https}
   */
  static Buffer of(String writeKey, String authority, String protocol) {
    JsonObject ours =
        new JsonObject()
            .put("apiKey", writeKey)
            .put("apiHost", authority + "/v1")
            .put("protocol", protocol)
            .put("unbundledIntegrations", new JsonArray())
            .put("addBundledMetadata", true);
    return new JsonObject()
        .put("integrations", new JsonObject().put("Segment.io", ours))
        .put("plan", new JsonObject())
        .put("middlewareSettings", new JsonObject())
        .put("enabledMiddleware", new JsonObject())
        .put("edgeFunction", new JsonObject())
        .put("remotePlugins", new JsonArray())
        .put("legacyVideoPluginsEnabled", false)
        .put("analyticsNextEnabled", true)
        // Else the browser's SDK reports its own metrics to Segment.
        .put("metrics", new JsonObject().put("sampleRate", 0))
        .toBuffer();
  }
}
