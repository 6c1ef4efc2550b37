package io.tidegate.bench;

import io.tidegate.bench.peer.BareVertx;
import java.util.List;
import java.util.Map;

/**
 * A setting that may make things faster, beside what is usual.
 *
 * @param name as {@code --lever} and tables have it
 * @param work what it concerns
 * @param settings of the environment
 */
record Lever(String name, LeverWork work, Map<String, String> settings) {
  static final String JAVA_OPTS = "TIDEGATE_JAVA_OPTS";

  private static final String POOL_SIZE = "TIDEGATE_POSTGRES_POOL_SIZE";
  private static final String PREPARED = "TIDEGATE_POSTGRES_PREPARED_STATEMENTS";
  private static final String PIPELINING = "TIDEGATE_POSTGRES_PIPELINING";
  private static final String QUERIES = "TIDEGATE_PROFILE_MAX_QUERIES";
  private static final String LINGER = "TIDEGATE_INGESTION_LINGER";

  /** All, those of one work together: they share a node that is as usual. */
  static final List<Lever> ALL =
      List.of(
          of("epoll", LeverWork.ROUTED, "TIDEGATE_NODE_TRANSPORT", "epoll"),
          java("g1", "-XX:-UseParallelGC -XX:+UseG1GC"),
          java("zgc", "-XX:-UseParallelGC -XX:+UseZGC"),
          java("large-object-headers", "-XX:-UseCompactObjectHeaders"),
          java("pooled-allocator", "-Dio.netty.allocator.type=pooled"),
          java("unchecked-headers", "-Dvertx.disableHttpHeadersValidation=true"),
          java("huge-pages", "-XX:+UseTransparentHugePages"),
          of("one-connection", LeverWork.COLD, POOL_SIZE, "1"),
          new Lever(
              "one-connection-one-query", LeverWork.COLD, Map.of(POOL_SIZE, "1", QUERIES, "1")),
          new Lever("16-connections", LeverWork.COLD, Map.of(POOL_SIZE, "16", QUERIES, "16")),
          of("unprepared", LeverWork.COLD, PREPARED, "false"),
          of("pipelining", LeverWork.COLD, PIPELINING, "64"),
          new Lever("one-pipelined", LeverWork.COLD, Map.of(POOL_SIZE, "1", PIPELINING, "64")),
          of("one-for-each-loop", LeverWork.COLD_ON_TWO, "TIDEGATE_PROFILE_INSTANCES", "2"),
          // Two of the events that the work sends are more than the least that can be set.
          of("event-by-event", LeverWork.EVENTS, "TIDEGATE_INGESTION_MAX_APPEND_BYTES", "1024"),
          of("no-linger", LeverWork.EVENTS, LINGER, "0ms"),
          of("linger-5ms", LeverWork.EVENTS, LINGER, "5ms"),
          of("uncompressed", LeverWork.EVENTS, "TIDEGATE_INGESTION_COMPRESSION", "none"),
          of("http2-window", LeverWork.UPLOADS, "TIDEGATE_EDGE_HTTP2_WINDOW", "1048576"),
          of("reuse-port", LeverWork.KEPT, BareVertx.REUSE_PORT, "true"),
          of("reuse-port-opening", LeverWork.OPENED, BareVertx.REUSE_PORT, "true"));

  Lever {
    settings = Map.copyOf(settings);
  }

  private static Lever of(String name, LeverWork work, String variable, String value) {
    return new Lever(name, work, Map.of(variable, value));
  }

  private static Lever java(String name, String flags) {
    return of(name, LeverWork.ROUTED, JAVA_OPTS, flags);
  }

  static List<String> names() {
    return ALL.stream().map(Lever::name).toList();
  }
}
