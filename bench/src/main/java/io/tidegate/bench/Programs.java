package io.tidegate.bench;

import java.time.Duration;
import java.util.List;

/** Programs of ours that measure something by themselves, each in a process of its own. */
final class Programs {
  private static final String PACKAGE = "io.tidegate.bench.peer.";
  private static final Duration SPARE = Duration.ofSeconds(60);

  private final Cores cores;

  Programs(Cores cores) {
    this.cores = cores;
  }

  /** Kafka's producer, which is the contender. */
  LoadResult kafkaProducer(String servers, String topic, Duration time, int warmUpSeconds)
      throws InterruptedException {
    return run("KafkaAlone", time, servers, topic, Integer.toString(warmUpSeconds));
  }

  /** The node's limiter on its own, the contender. */
  LoadResult limiter(String redis, Duration time) throws InterruptedException {
    return run("TidegateLimiter", time, redis);
  }

  /** Bucket4j on Redis, the contender. */
  LoadResult bucket4j(String redis, Duration time) throws InterruptedException {
    return run("Bucket4jLimiter", time, redis);
  }

  private LoadResult run(String main, Duration time, String... arguments)
      throws InterruptedException {
    List<String> command = Jvm.command(PACKAGE + main, arguments);
    command.add(Long.toString(time.toSeconds()));
    return LoadResult.parse(
        main, Shell.run(cores.forContender(command), time.multipliedBy(3).plus(SPARE)));
  }

  /** GETs when they are due, from where the load generators are. */
  LoadResult openLoop(Target target, double rate, int warmUpSeconds, Duration time)
      throws InterruptedException {
    List<String> command =
        Jvm.generator(
            PACKAGE + "OpenLoop",
            target.url(),
            target.headers().getOrDefault("authorization", ""),
            Long.toString(Math.round(rate)),
            Integer.toString(warmUpSeconds),
            Long.toString(time.toSeconds()));
    return LoadResult.parse(
        "OpenLoop",
        Shell.run(
            cores.ahead(command), time.multipliedBy(2).plusSeconds(warmUpSeconds).plus(SPARE)));
  }
}
