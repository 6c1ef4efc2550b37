package io.tidegate.devstack;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Real servers for tests: one shared Postgres, Redis and Kafka per JVM, each started on its first
 * use, and servers of its own for a test that stops, kills or freezes them. All end with the JVM.
 *
 * <p>Shared servers keep what earlier tests wrote: take a {@link #newDatabase}, and keys and topics
 * with names of your own.
 */
public final class TestServers {
  private static final AtomicInteger COUNTER = new AtomicInteger();
  private static final List<AutoCloseable> STARTED = new ArrayList<>();
  private static @Nullable TempData data;

  private TestServers() {}

  /** The shared Postgres. Don't stop it. */
  public static PostgresServer postgres() {
    return SharedPostgres.SERVER;
  }

  /** The shared Redis. Don't stop it. */
  public static RedisServer redis() {
    return SharedRedis.SERVER;
  }

  /** The shared Kafka. Don't stop it. */
  public static KafkaServer kafka() {
    return SharedKafka.SERVER;
  }

  /** The URI of a new empty database on the shared Postgres, owned by its user. */
  public static String newDatabase() {
    return postgres().newDatabase("test_" + COUNTER.incrementAndGet());
  }

  /** A new Postgres that is the caller's to stop, kill and freeze. */
  public static PostgresServer ownPostgres() {
    return started("postgres", directory -> PostgresServer.startUnsynced(directory, 0));
  }

  /** A new Redis that is the caller's to stop, kill and freeze. */
  public static RedisServer ownRedis() {
    return started("redis", directory -> RedisServer.start(directory, 0));
  }

  /** A new Kafka that is the caller's to stop. */
  public static KafkaServer ownKafka() {
    return started("kafka", directory -> KafkaServer.start(directory, 0));
  }

  private static <T extends AutoCloseable> T started(String kind, Function<Path, T> start) {
    Path directory = directory().resolve(kind + "-" + COUNTER.incrementAndGet());
    T server = start.apply(directory);
    synchronized (STARTED) {
      STARTED.add(server);
    }
    return server;
  }

  private static Path directory() {
    synchronized (STARTED) {
      if (data == null) {
        data = TempData.make();
        Runtime.getRuntime().addShutdownHook(new Thread(TestServers::stopAll, "test-servers-stop"));
      }
      return data.directory();
    }
  }

  private static void stopAll() {
    List<AutoCloseable> servers;
    synchronized (STARTED) {
      servers = List.copyOf(STARTED);
    }
    Parallel.closeAll(servers);
    TempData made = data;
    if (made != null) {
      Parallel.closeAll(List.of(made));
    }
  }

  private static final class SharedPostgres {
    static final PostgresServer SERVER = ownPostgres();
  }

  private static final class SharedRedis {
    static final RedisServer SERVER = ownRedis();
  }

  private static final class SharedKafka {
    static final KafkaServer SERVER = ownKafka();
  }
}
