package io.tidegate.node;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Nodes of one cluster on this machine, each a process of its own: the command {@code node}, run by
 * this process's Java from its class path. One that ends is started again; all end with this
 * process, even when it is killed.
 */
final class LocalNodes {
  private static final Duration READY_LIMIT = Duration.ofSeconds(60);
  private static final Duration RESTART_PAUSE = Duration.ofSeconds(1);

  /** In a row, of a node that did not live long. */
  private static final int MOST_RESTARTS = 5;

  private static final Duration LIVED = Duration.ofSeconds(30);

  /** A node's ports, the same after every start. */
  record Ports(int http, int management) {}

  private final List<LocalNode> nodes = new ArrayList<>();
  private final Consumer<String> news;
  private volatile boolean stopping;

  /**
   * @param conf the configuration directory
   * @param logs where each node's log goes
   * @param settings keys and values that all nodes get over the files
   * @param javaOptions of their JVMs, beside this process's own
   * @param news hears of nodes that ended and were started again
   */
  LocalNodes(
      List<Ports> ports,
      Path conf,
      Path logs,
      Map<String, String> settings,
      List<String> javaOptions,
      Consumer<String> news) {
    this.news = news;
    List<Integer> clusterPorts = freePorts(ports.size());
    List<String> members = clusterPorts.stream().map(port -> "127.0.0.1:" + port).toList();
    for (int i = 0; i < ports.size(); i++) {
      Map<String, String> own = new HashMap<>(settings);
      own.put("node.name", "node-" + (i + 1));
      own.put("edge.port", Integer.toString(ports.get(i).http()));
      own.put("management.port", Integer.toString(ports.get(i).management()));
      own.put("cluster.name", "up-" + ProcessHandle.current().pid());
      own.put("cluster.host", "127.0.0.1");
      own.put("cluster.port", Integer.toString(clusterPorts.get(i)));
      own.put("cluster.members", String.join(",", members));
      nodes.add(
          new LocalNode(
              "node-" + (i + 1),
              ports.get(i),
              conf,
              logs.resolve("node-" + (i + 1) + ".log"),
              own,
              javaOptions));
    }
  }

  /**
   * Ports counted up from the first node's, by the smallest step at which the two rows don't meet:
   * 8080 and 8081 become 8082 and 8083, since 8081 is taken.
   */
  static List<Ports> ports(int port, int managementPort, int nodes) {
    int distance = Math.abs(managementPort - port);
    int step = 1;
    while (distance % step == 0 && distance / step < nodes) {
      step++;
    }
    List<Ports> ports = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      ports.add(new Ports(port + i * step, managementPort + i * step));
    }
    return ports;
  }

  /**
   * Starts the first, which makes the cluster, and then the others side by side: nodes that start
   * at once have to agree on who is first.
   */
  void start() throws IOException, InterruptedException {
    for (LocalNode node : nodes) {
      node.start();
      if (node.equals(nodes.getFirst())) {
        node.await("/health/live");
      }
    }
  }

  /**
   * Waits until one is ready.
   *
   * @param index from 0
   * @throws CommandFailure when it ended or takes too long
   */
  void awaitReady(int index) throws InterruptedException {
    nodes.get(index).await("/health/ready");
  }

  /** Starts those again that end from now on. */
  void watch() {
    nodes.forEach(node -> Thread.ofVirtual().name(node.name).start(() -> watch(node)));
  }

  private void watch(LocalNode node) {
    try {
      int restarts = 0;
      while (!stopping) {
        long begin = System.nanoTime();
        int code = node.process().waitFor();
        boolean lived = System.nanoTime() - begin > LIVED.toNanos();
        restarts = lived ? 0 : restarts + 1;
        if (stopping) {
          return;
        }
        if (restarts > MOST_RESTARTS) {
          news.accept(
              "%s ended with code %d once more and stays down; see %s"
                  .formatted(node.name, code, node.log));
          return;
        }
        news.accept(
            "%s ended with code %d and is started again (log: %s)"
                .formatted(node.name, code, node.log));
        Thread.sleep(RESTART_PAUSE);
        synchronized (this) {
          if (!stopping) {
            node.start();
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      news.accept(node.name + " can't be started again: " + e.getMessage());
    }
  }

  /** SIGTERM to all at once; those that are late are killed. */
  void stop(Deadline deadline) throws InterruptedException {
    synchronized (this) {
      stopping = true;
    }
    nodes.forEach(node -> node.processes().forEach(Process::destroy));
    for (LocalNode node : nodes) {
      for (Process process : node.processes()) {
        if (!process.waitFor(deadline.left().toMillis(), TimeUnit.MILLISECONDS)) {
          process.destroyForcibly();
        }
      }
    }
  }

  /** Ports on the loopback address that nobody listens on now. */
  static List<Integer> freePorts(int count) {
    List<ServerSocket> probes = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        probes.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return probes.stream().map(ServerSocket::getLocalPort).toList();
    } catch (IOException e) {
      throw new CommandFailure("no free port on 127.0.0.1: " + e.getMessage());
    } finally {
      for (ServerSocket probe : probes) {
        try {
          probe.close();
        } catch (IOException e) {
          // It held nothing but the port.
        }
      }
    }
  }

  /** One of them. */
  private static final class LocalNode {
    private final String name;
    private final Ports ports;
    private final Path conf;
    private final Path log;
    private final Map<String, String> settings;
    private final List<String> javaOptions;
    private List<Process> processes = List.of();

    LocalNode(
        String name,
        Ports ports,
        Path conf,
        Path log,
        Map<String, String> settings,
        List<String> javaOptions) {
      this.name = name;
      this.ports = ports;
      this.conf = conf;
      this.log = log;
      this.settings = settings;
      this.javaOptions = javaOptions;
    }

    synchronized void start() throws IOException {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
      command.addAll(javaOptions);
      command.add("-Dsample.upstream.url=" + System.getProperty("sample.upstream.url"));
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.addAll(
          List.of(
              Tidegate.class.getName(),
              "node",
              "--exit-with",
              Long.toString(ProcessHandle.current().pid()),
              "--conf",
              conf.toString()));
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      settings.forEach((key, value) -> builder.environment().put(variable(key), value));
      processes = List.of(builder.start());
    }

    /** The environment variable of a key. */
    private static String variable(String key) {
      return "TIDEGATE_" + key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }

    synchronized List<Process> processes() {
      return processes;
    }

    Process process() {
      return processes().getFirst();
    }

    /** Waits until one of its pages says yes. */
    void await(String page) throws InterruptedException {
      long deadline = System.nanoTime() + READY_LIMIT.toNanos();
      try (HttpClient client = HttpClient.newHttpClient()) {
        while (!says(client, page)) {
          if (process().waitFor(20, TimeUnit.MILLISECONDS)) {
            throw new CommandFailure(
                "%s ended with code %d; see %s".formatted(name, process().exitValue(), log));
          }
          if (System.nanoTime() > deadline) {
            throw new CommandFailure(
                "%s is not ready after %d s; see %s".formatted(name, READY_LIMIT.toSeconds(), log));
          }
        }
      }
    }

    private boolean says(HttpClient client, String path) throws InterruptedException {
      URI page = URI.create("http://127.0.0.1:" + ports.management() + path);
      try {
        return client
                .send(
                    HttpRequest.newBuilder(page).timeout(Duration.ofSeconds(2)).build(),
                    BodyHandlers.discarding())
                .statusCode()
            == 200;
      } catch (IOException e) {
        return false;
      }
    }
  }
}
