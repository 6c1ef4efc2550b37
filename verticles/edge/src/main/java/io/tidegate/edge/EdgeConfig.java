package io.tidegate.edge;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.tidegate.platform.Checks;
import io.tidegate.ratelimit.ClientAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The front door's port, limits and time limits. */
@ConfigMapping(prefix = "edge")
public interface EdgeConfig {
  /** Address to listen on. */
  @WithDefault("0.0.0.0")
  String host();

  /** Port for HTTP/1.1, HTTP/2 and gRPC; 0 picks a free one. */
  @WithDefault("8080")
  int port();

  /** TLS; without it the port speaks clear text. */
  Optional<Tls> tls();

  /**
   * Proxies, as addresses or CIDR blocks, whose word on the client's address is believed. Default:
   * none.
   */
  Optional<List<String>> trustedProxies();

  /** Origins whose pages may call the gateway's own operations; {@code *} is any. */
  @WithDefault("*")
  List<String> corsOrigins();

  /** Largest body of an event or a batch, as sent and unzipped, in bytes. */
  @WithDefault("512000")
  int maxBodyBytes();

  /** Largest message of a gRPC call, unzipped, in bytes. */
  @WithDefault("524288")
  int maxGrpcMessageBytes();

  /**
   * Bytes of bodies that the node holds at once, of events, batches, look-ups and gRPC messages, as
   * sent and unzipped; more are refused with 503 and Retry-After. Default: an eighth of the heap.
   */
  OptionalLong maxBodyMemory();

  /** Largest header section, in bytes. */
  @WithDefault("16384")
  int maxHeaderBytes();

  /** Longest request line, in bytes. */
  @WithDefault("8192")
  int maxRequestLineBytes();

  /** How long a new connection may take until its first request head is complete. */
  @WithDefault("PT10S")
  Duration headTimeout();

  /**
   * How long a body may take until it is complete; routed bodies stream, and have the route's own
   * time limits.
   */
  @WithDefault("PT20S")
  Duration bodyTimeout();

  /** How long a connection may be without a request. */
  @WithDefault("PT75S")
  Duration keepAlive();

  /** How long a connection may be without any byte either way, even with a request under way. */
  @WithDefault("PT2M")
  Duration idleTimeout();

  /**
   * Connections of the node at once; more are refused with 503 and closed. Default: one for each 24
   * KiB of the heap, 20,000 at most; an idle one takes about 9 KiB of it.
   */
  OptionalInt maxConnections();

  /** Requests of the node under way at once; more are refused with 503 and Retry-After. */
  @WithDefault("8192")
  int maxInFlight();

  /** Streams of one HTTP/2 connection under way at once. */
  @WithDefault("128")
  int maxStreams();

  /**
   * Bytes of bodies that an HTTP/2 client may send ahead, on one stream and on its connection: as
   * many as are on their way at once over a long distance, and what a connection may make the node
   * hold.
   */
  @WithDefault("65535")
  int http2Window();

  /**
   * RST_STREAM frames of one HTTP/2 connection in 30 s; beyond it the connection is closed
   * (CVE-2023-44487).
   */
  @WithDefault("400")
  int maxResets();

  /** How long a stopping node waits for requests under way. */
  @WithDefault("PT3S")
  Duration drainTimeout();

  /** Whether each request gets a log line; never with secrets or bodies. */
  @WithDefault("false")
  boolean accessLog();

  /** Where the certificate and its key are. */
  interface Tls {
    /** Path of the certificate chain, PEM. */
    String certificate();

    /** Path of the private key, PEM. */
    String key();
  }

  /** Notes what is out of range, and files and addresses that are none. */
  static void check(EdgeConfig config, Checks checks) {
    checks
        .between("edge.port", config.port(), 0, 65_535)
        .between("edge.max-body-bytes", config.maxBodyBytes(), 1_024, 1 << 26)
        .between("edge.max-grpc-message-bytes", config.maxGrpcMessageBytes(), 1_024, 1 << 26)
        .between("edge.max-header-bytes", config.maxHeaderBytes(), 1_024, 1 << 20)
        .between("edge.max-request-line-bytes", config.maxRequestLineBytes(), 256, 1 << 20)
        .positive("edge.head-timeout", config.headTimeout())
        .positive("edge.body-timeout", config.bodyTimeout())
        .positive("edge.keep-alive", config.keepAlive())
        .positive("edge.idle-timeout", config.idleTimeout())
        .positive("edge.drain-timeout", config.drainTimeout())
        .between("edge.max-in-flight", config.maxInFlight(), 1, 10_000_000)
        .between("edge.max-streams", config.maxStreams(), 1, 100_000)
        .between("edge.http2-window", config.http2Window(), 65_535, 1 << 24)
        .between("edge.max-resets", config.maxResets(), 1, 1_000_000);
    config
        .maxConnections()
        .ifPresent(most -> checks.between("edge.max-connections", most, 1, 10_000_000));
    config
        .maxBodyMemory()
        .ifPresent(
            bytes ->
                checks.atLeast(
                    "edge.max-body-memory",
                    bytes,
                    2L * Math.max(config.maxBodyBytes(), config.maxGrpcMessageBytes())));
    config
        .trustedProxies()
        .ifPresent(
            blocks -> {
              try {
                var unused = new ClientAddress(blocks);
              } catch (IllegalArgumentException e) {
                checks.expect(
                    false,
                    "edge.trusted-proxies",
                    blocks,
                    "addresses or CIDR blocks such as 10.0.0.0/8");
              }
            });
    config
        .tls()
        .ifPresent(
            tls -> {
              readable(checks, "edge.tls.certificate", tls.certificate());
              readable(checks, "edge.tls.key", tls.key());
            });
  }

  private static void readable(Checks checks, String key, String file) {
    checks.expect(Files.isReadable(Path.of(file)), key, file, "a PEM file that can be read");
  }
}
