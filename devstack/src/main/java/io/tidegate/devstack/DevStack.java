package io.tidegate.devstack;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;

/**
 * The servers that a node needs on a developer's machine, started side by side: Postgres, Redis and
 * Kafka, each either ours, with data that last, or one that is already there.
 *
 * <pre>{@code
 * try (DevStack stack = DevStack.in(Path.of(".tidegate")).listener(this::show).start()) {
 *   run(stack.postgresUri(), stack.redisUri(), stack.kafkaServers());
 * }
 * }</pre>
 */
public final class DevStack implements AutoCloseable {
  /** What a component is doing. */
  public enum State {
    STARTING,
    READY,
    FAILED
  }

  /**
   * One step of a component coming up.
   *
   * @param component {@code postgres}, {@code redis} or {@code kafka}
   * @param elapsed since the component's start began
   * @param detail its URI when ready, the reason when failed, else what is being done
   */
  public record Progress(String component, State state, Duration elapsed, String detail) {}

  /** Hears of each step; called from several threads, one call at a time. */
  @FunctionalInterface
  public interface Listener {
    void onProgress(Progress progress);
  }

  private final AutoCloseable data;
  private final List<AutoCloseable> servers;
  private final String postgresUri;
  private final String redisUri;
  private final String kafkaServers;

  private DevStack(
      AutoCloseable data,
      List<AutoCloseable> servers,
      String postgres,
      String redis,
      String kafka) {
    this.data = data;
    this.servers = servers;
    this.postgresUri = postgres;
    this.redisUri = redis;
    this.kafkaServers = kafka;
  }

  /** A stack to be started, with its data in this directory. */
  public static Builder in(Path dataDirectory) {
    return new Builder(dataDirectory);
  }

  /** A stack to be started, whose data are deleted when it is closed. */
  public static Builder ephemeral() {
    return new Builder(null);
  }

  /** {@code postgresql://user:password@host:port/database}. */
  public String postgresUri() {
    return postgresUri;
  }

  /** {@code redis://host:port}. */
  public String redisUri() {
    return redisUri;
  }

  /** {@code host:port}, more of them separated by commas. */
  public String kafkaServers() {
    return kafkaServers;
  }

  /** Stops what was started, side by side, within about 3 s; servers that were there go on. */
  @Override
  public void close() {
    Parallel.closeAll(servers);
    Parallel.closeAll(List.of(data));
  }

  /**
   * What a stack is made of; whatever isn't said is started by us, on a port that is remembered.
   */
  public static final class Builder {
    private final @Nullable Path directory;
    private @Nullable String postgresUri;
    private String postgresGivenBy = "";
    private @Nullable String redisUri;
    private String redisGivenBy = "";
    private @Nullable String kafkaServers;
    private String kafkaGivenBy = "";
    private int postgresPort;
    private int redisPort;
    private int kafkaPort;
    private List<KafkaServer.Door> kafkaDoors = List.of();
    private boolean synced = true;
    private Listener listener = progress -> {};

    private Builder(@Nullable Path directory) {
      this.directory = directory;
    }

    /** Uses this Postgres instead of starting one. */
    public Builder postgresUri(@Nullable String uri) {
      return postgresUri(uri, "--postgres-uri");
    }

    /**
     * Uses this Postgres instead of starting one.
     *
     * @param givenBy where the address stands, for the message when nobody answers there
     */
    public Builder postgresUri(@Nullable String uri, String givenBy) {
      postgresUri = uri;
      postgresGivenBy = givenBy;
      return this;
    }

    /** Uses this Redis instead of starting one. */
    public Builder redisUri(@Nullable String uri) {
      return redisUri(uri, "--redis-uri");
    }

    /**
     * Uses this Redis instead of starting one.
     *
     * @param givenBy where the address stands, for the message when nobody answers there
     */
    public Builder redisUri(@Nullable String uri, String givenBy) {
      redisUri = uri;
      redisGivenBy = givenBy;
      return this;
    }

    /** Uses this Kafka instead of starting one. */
    public Builder kafkaServers(@Nullable String servers) {
      return kafkaServers(servers, "--kafka-servers");
    }

    /**
     * Uses this Kafka instead of starting one.
     *
     * @param givenBy where the address stands, for the message when nobody answers there
     */
    public Builder kafkaServers(@Nullable String servers, String givenBy) {
      kafkaServers = servers;
      kafkaGivenBy = givenBy;
      return this;
    }

    /**
     * Where our servers listen; 0 takes the port of the last run or, if that is taken, a free one.
     */
    public Builder ports(int postgres, int redis, int kafka) {
      postgresPort = postgres;
      redisPort = redis;
      kafkaPort = kafka;
      return this;
    }

    /** More ways into our Kafka. */
    public Builder kafkaDoors(List<KafkaServer.Door> doors) {
      kafkaDoors = List.copyOf(doors);
      return this;
    }

    /** Whether Postgres forces commits to disk; on unless said otherwise. */
    public Builder synced(boolean on) {
      synced = on;
      return this;
    }

    /** Who hears of the components' progress. */
    public Builder listener(Listener listener) {
      this.listener = listener;
      return this;
    }

    /**
     * Starts or reaches all components and returns when all are ready.
     *
     * @throws DevStackException when one isn't; all that was started is stopped again
     */
    public DevStack start() {
      if (directory != null) {
        return start(directory, DataLock.take(directory));
      }
      TempData temporary = TempData.make();
      return start(temporary.directory(), temporary);
    }

    private DevStack start(Path home, AutoCloseable data) {
      ConcurrentLinkedDeque<AutoCloseable> started = new ConcurrentLinkedDeque<>();
      try {
        RememberedPorts ports = RememberedPorts.in(home);
        CompletableFuture<String> postgres =
            Component.bringUp("postgres", listener, () -> bringUpPostgres(home, ports, started));
        CompletableFuture<String> redis =
            Component.bringUp("redis", listener, () -> bringUpRedis(home, ports, started));
        CompletableFuture<String> kafka =
            Component.bringUp("kafka", listener, () -> bringUpKafka(home, ports, started));
        CompletableFuture.allOf(postgres, redis, kafka).join();
        return new DevStack(
            data, List.copyOf(started), postgres.join(), redis.join(), kafka.join());
      } catch (RuntimeException e) {
        Parallel.closeAll(List.copyOf(started));
        Parallel.closeAll(List.of(data));
        throw e instanceof CompletionException && e.getCause() instanceof DevStackException cause
            ? cause
            : e;
      }
    }

    private String bringUpPostgres(
        Path home, RememberedPorts ports, ConcurrentLinkedDeque<AutoCloseable> started) {
      if (postgresUri != null) {
        return Component.reached("postgres", postgresGivenBy, postgresUri, Probe::postgresAt);
      }
      int wanted = ports.wanted("postgres", postgresPort);
      Path own = home.resolve("postgres");
      PostgresServer server =
          synced ? PostgresServer.start(own, wanted) : PostgresServer.startUnsynced(own, wanted);
      started.add(server);
      ports.remember("postgres", server.port());
      return server.uri();
    }

    private String bringUpRedis(
        Path home, RememberedPorts ports, ConcurrentLinkedDeque<AutoCloseable> started) {
      if (redisUri != null) {
        return Component.reached("redis", redisGivenBy, redisUri, Probe::redisAt);
      }
      RedisServer server =
          RedisServer.start(home.resolve("redis"), ports.wanted("redis", redisPort));
      started.add(server);
      ports.remember("redis", server.port());
      return server.uri();
    }

    private String bringUpKafka(
        Path home, RememberedPorts ports, ConcurrentLinkedDeque<AutoCloseable> started) {
      if (kafkaServers != null) {
        return Component.reached("kafka", kafkaGivenBy, kafkaServers, Probe::kafka);
      }
      KafkaServer server =
          KafkaServer.start(home.resolve("kafka"), ports.wanted("kafka", kafkaPort), kafkaDoors);
      started.add(server);
      ports.remember("kafka", server.port());
      return server.bootstrapServers();
    }
  }
}
