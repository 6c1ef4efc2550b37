package io.tidegate.edge;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

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

  /** Connections of the node at once; more are refused with 503 and closed. */
  @WithDefault("20000")
  int maxConnections();

  /** Requests of the node under way at once; more are refused with 503 and Retry-After. */
  @WithDefault("8192")
  int maxInFlight();

  /** Streams of one HTTP/2 connection under way at once. */
  @WithDefault("128")
  int maxStreams();

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
}
