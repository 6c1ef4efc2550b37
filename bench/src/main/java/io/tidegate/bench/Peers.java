package io.tidegate.bench;

import io.tidegate.devstack.Opened;
import io.tidegate.devstack.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The other contenders, each started as a server that listens on 127.0.0.1. */
final class Peers {
  static final String BODY =
      "{\"item\":\"4711\",\"name\":\"green tea\",\"price\":29.9,\"stock\":true}";

  private static final Duration START_LIMIT = Duration.ofSeconds(180);
  private static final String BARE = "io.tidegate.bench.peer.BareVertx";

  private final Path directory;
  private final Cores cores;
  private final Opened opened;

  /** A running server. */
  record Peer(String name, Child process, int port) {
    String url(String path) {
      return "http://127.0.0.1:" + port + path;
    }
  }

  /**
   * @param directory for configurations and logs
   * @param opened what is started is added to it
   */
  Peers(Path directory, Cores cores, Opened opened) {
    this.directory = directory;
    this.cores = cores;
    this.opened = opened;
  }

  /** The same where nothing is pinned. */
  Peers unpinned() {
    return new Peers(directory, cores.unpinned(), opened);
  }

  /** What all gateways forward to: nginx with a constant answer, where the load generator is. */
  Peer upstream() throws InterruptedException, IOException {
    int port = Ports.free();
    if (Tools.find("nginx").isEmpty()) {
      return start("upstream", bare("json", port, BODY.length()), port, false);
    }
    String location =
        "default_type application/json; return 200 '%s';".formatted(BODY.replace("'", ""));
    return start("upstream", nginx("upstream", port, "", "", location), port, false);
  }

  /** nginx as a plain proxy. */
  Peer nginx(int upstream) throws InterruptedException, IOException {
    int port = Ports.free();
    return start("nginx", nginx("nginx", port, "", to(upstream), PASS), port, true);
  }

  /** nginx as a plain proxy behind TLS, with HTTP/2. */
  Peer nginxTls(int upstream, Certificate certificate) throws InterruptedException, IOException {
    int port = Ports.free();
    String tls =
        """
        ssl_certificate %s;
        ssl_certificate_key %s;
        ssl_session_cache off;

        """
            .formatted(certificate.chain(), certificate.key());
    List<String> command = nginx("nginx-tls", port, tls, to(upstream), PASS);
    return start("nginx-tls", command, port, true);
  }

  private static final String PASS =
      """
      proxy_pass http://upstream;
            proxy_http_version 1.1;
            proxy_set_header Connection "";\
      """;

  private static String to(int upstream) {
    return "upstream upstream { server 127.0.0.1:%d; keepalive 512; keepalive_requests 1000000000; }"
        .formatted(upstream);
  }

  private List<String> nginx(String name, int port, String tls, String upstream, String location)
      throws IOException {
    Path home = Files.createDirectories(directory.resolve(name));
    Path file = home.resolve("nginx.conf");
    Files.writeString(
        file,
        """
        daemon off;
        worker_processes %d;
        pid %s/nginx.pid;
        error_log stderr warn;
        events { worker_connections 16000; }
        http {
          access_log off;
          keepalive_requests 1000000000;
          client_body_temp_path %2$s;
          proxy_temp_path %2$s;
          %s
          server {
            listen 127.0.0.1:%d%s backlog=8192;
            %s
            location / {
              %s
            }
          }
        }
        """
            .formatted(
                cores.size(),
                home,
                upstream,
                port,
                tls.isEmpty() ? "" : " ssl http2",
                tls,
                location));
    String program = Tools.need("nginx");
    return List.of(program, "-p", home.toString(), "-c", file.toString(), "-e", "stderr");
  }

  /** HAProxy as a plain proxy. */
  Peer haproxy(int upstream) throws InterruptedException, IOException {
    int port = Ports.free();
    Path file = directory.resolve("haproxy.cfg");
    Files.writeString(
        file,
        """
        global
          nbthread %d
          maxconn 8000
        defaults
          mode http
          option http-keep-alive
          http-reuse always
          timeout connect 5s
          timeout client 60s
          timeout server 60s
        frontend front
          bind 127.0.0.1:%d
          default_backend back
        backend back
          server upstream 127.0.0.1:%d
        """
            .formatted(cores.size(), port, upstream));
    List<String> command = List.of(Tools.need("haproxy"), "-db", "-f", file.toString());
    return start("haproxy", command, port, true);
  }

  /** Vert.x's HttpClient behind its HttpServer and nothing else. */
  Peer bareForwarder(int upstream) throws InterruptedException {
    int port = Ports.free();
    return start("vertx-forward", bare("forward", port, upstream), port, true);
  }

  /** Vert.x's own reverse proxy. */
  Peer vertxHttpProxy(int upstream) throws InterruptedException {
    int port = Ports.free();
    return start("vertx-http-proxy", bare("proxy", port, upstream), port, true);
  }

  /**
   * Vert.x's HttpServer with a constant answer.
   *
   * @param bytes how long the answer's body is
   */
  Peer bareJson(int bytes) throws InterruptedException {
    int port = Ports.free();
    return start("vertx-json-" + bytes, bare("json", port, bytes), port, true);
  }

  /** The same with more in its environment. */
  Peer bareJson(int bytes, Map<String, String> environment) throws InterruptedException {
    int port = Ports.free();
    List<String> command = new ArrayList<>(List.of("env"));
    environment.forEach((name, value) -> command.add(name + "=" + value));
    command.addAll(bare("json", port, bytes));
    return start("vertx-json-" + port, command, port, true);
  }

  private static List<String> bare(String mode, int port, int number) {
    return Jvm.command(BARE, mode, Integer.toString(port), Integer.toString(number));
  }

  /** A Java program with its own class path. */
  Peer java(String name, String classPath, String main, int port, List<String> arguments)
      throws InterruptedException {
    List<String> command = Jvm.javaOfOthers();
    command.addAll(List.of("-cp", classPath, main));
    command.addAll(arguments);
    return start(name, command, port, true);
  }

  private Peer start(String name, List<String> command, int port, boolean contender)
      throws InterruptedException {
    List<String> line = new ArrayList<>(command);
    Child process =
        opened.add(
            Child.start(
                name, contender ? cores.forContender(line) : cores.forOthers(line), directory));
    process.awaitPort(port, START_LIMIT);
    return new Peer(name, process, port);
  }
}
