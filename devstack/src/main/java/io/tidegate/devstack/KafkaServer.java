package io.tidegate.devstack;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka 4.1 on 127.0.0.1 inside this JVM: one KRaft node, broker and controller in one, that
 * makes no topics by itself and keeps its data over restarts.
 */
public final class KafkaServer implements AutoCloseable {
  private static final int NODE_ID = 1;
  private static final Duration STOP_LIMIT = Duration.ofMillis(2_900);
  private static final Duration LATE_STOP_LIMIT = Duration.ofSeconds(20);
  private static final Duration PROBE_LIMIT = Duration.ofSeconds(10);

  private final Path data;
  private final int port;
  private final List<Door> doors;
  private volatile @Nullable KafkaRaftServer server;
  private @Nullable Thread stopping;

  private KafkaServer(Path data, int port, List<Door> doors) {
    this.data = data;
    this.port = port;
    this.doors = List.copyOf(doors);
  }

  /**
   * Another way in, for clients that reach the broker through something in between: a broker tells
   * its clients where to connect, and those would go round it otherwise.
   *
   * @param port where the broker listens for them, on 127.0.0.1
   * @param advertised {@code host:port} that it tells them
   */
  public record Door(int port, String advertised) {}

  /**
   * A running server.
   *
   * @param directory where data are kept, made if it isn't there
   * @param wantedPort where it listens; 0 takes a free one
   * @throws DevStackException when it can't be started; the message says why
   */
  public static KafkaServer start(Path directory, int wantedPort) {
    return start(directory, wantedPort, List.of());
  }

  /** The same with more ways in. */
  public static KafkaServer start(Path directory, int wantedPort, List<Door> doors) {
    Path data = Trees.made(directory.resolve("data"), KafkaServer::format).toAbsolutePath();
    return Ports.startOn(
        wantedPort,
        port -> {
          KafkaServer kafka = new KafkaServer(data, port, doors);
          kafka.launch();
          return kafka;
        });
  }

  private static void format(Path draft) throws IOException {
    try (PrintStream quiet =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
      new Formatter()
          .setNodeId(NODE_ID)
          .setClusterId(Uuid.randomUuid().toString())
          .addDirectory(draft.toString())
          .setMetadataLogDirectory(draft.toString())
          .setControllerListenerName("CONTROLLER")
          .setReleaseVersion(MetadataVersion.latestProduction())
          .setPrintStream(quiet)
          .run();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("cannot format Kafka's storage: " + e.getMessage(), e);
    }
  }

  private void launch() {
    Ports.requireFree("Kafka", port);
    server = Ports.startOn(0, this::launch);
  }

  private KafkaRaftServer launch(int controllerPort) {
    KafkaRaftServer starting =
        new KafkaRaftServer(new KafkaConfig(properties(controllerPort)), Time.SYSTEM);
    try {
      starting.startup();
      Probe.kafka(bootstrapServers()).ask(PROBE_LIMIT);
      return starting;
    } catch (IOException | RuntimeException e) {
      starting.shutdown();
      throw new DevStackException("Kafka did not start: " + e.getMessage(), e);
    }
  }

  private Properties properties(int controllerPort) {
    Properties p = new Properties();
    p.setProperty("process.roles", "broker,controller");
    p.setProperty("node.id", Integer.toString(NODE_ID));
    listeners(p, controllerPort);
    p.setProperty("inter.broker.listener.name", "PLAINTEXT");
    p.setProperty("controller.listener.names", "CONTROLLER");
    p.setProperty("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
    p.setProperty("log.dirs", data.toString());
    p.setProperty("auto.create.topics.enable", "false");

    // One node: each internal topic has one copy and as few partitions as work.
    p.setProperty("offsets.topic.replication.factor", "1");
    p.setProperty("offsets.topic.num.partitions", "1");
    p.setProperty("transaction.state.log.replication.factor", "1");
    p.setProperty("transaction.state.log.min.isr", "1");
    p.setProperty("transaction.state.log.num.partitions", "1");
    p.setProperty("group.initial.rebalance.delay.ms", "0");

    // A small footprint: threads, the cleaner's buffer, and a bound on what is kept.
    p.setProperty("num.network.threads", "2");
    p.setProperty("num.io.threads", "2");
    p.setProperty("background.threads", "1");
    p.setProperty("num.recovery.threads.per.data.dir", "1");
    p.setProperty("log.cleaner.dedupe.buffer.size", Integer.toString(2 << 20));
    p.setProperty("log.cleaner.io.buffer.size", Integer.toString(128 << 10));
    p.setProperty("log.retention.bytes", Long.toString(1L << 30));
    p.setProperty("metric.reporters", "");

    // After a crash the controller waits this long for the broker's former life to end.
    p.setProperty("broker.heartbeat.interval.ms", "500");
    p.setProperty("broker.session.timeout.ms", "3000");
    p.setProperty("server.max.startup.time.ms", "60000");
    return p;
  }

  private void listeners(Properties p, int controllerPort) {
    StringBuilder bound =
        new StringBuilder(
            "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
    StringBuilder advertised = new StringBuilder("PLAINTEXT://127.0.0.1:" + port);
    StringBuilder protocols = new StringBuilder("PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    for (Door door : doors) {
      String name = "DOOR" + door.port();
      bound.append(",").append(name).append("://127.0.0.1:").append(door.port());
      advertised.append(",").append(name).append("://").append(door.advertised());
      protocols.append(",").append(name).append(":PLAINTEXT");
    }
    p.setProperty("listeners", bound.toString());
    p.setProperty("advertised.listeners", advertised.toString());
    p.setProperty("listener.security.protocol.map", protocols.toString());
  }

  /** {@code 127.0.0.1:PORT}. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /** The port it listens on, the same for the life of this object. */
  public int port() {
    return port;
  }

  /** Stops cleanly. Returns within 3 s; a stop that takes longer goes on in the background. */
  public synchronized void stop() {
    KafkaRaftServer running = server;
    if (running == null) {
      return;
    }
    server = null;
    Thread thread = Thread.ofPlatform().daemon().name("kafka-stop").start(running::shutdown);
    if (!joined(thread, STOP_LIMIT)) {
      stopping = thread;
    }
  }

  /** Starts it again after {@link #stop}, on the same port and data. */
  public synchronized void startAgain() {
    if (server != null) {
      throw new DevStackException("Kafka is running (expected: stopped)");
    }
    Thread late = stopping;
    if (late != null && !joined(late, LATE_STOP_LIMIT)) {
      throw new DevStackException("Kafka is still stopping");
    }
    stopping = null;
    launch();
  }

  /** Whether it has been started and not stopped. */
  public boolean isRunning() {
    return server != null;
  }

  @Override
  public void close() {
    stop();
  }

  private static boolean joined(Thread thread, Duration limit) {
    try {
      return thread.join(limit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
