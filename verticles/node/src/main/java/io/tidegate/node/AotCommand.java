package io.tidegate.node;

import io.tidegate.devstack.DevStack;
import io.tidegate.devstack.DevStackException;
import io.tidegate.devstack.SampleUpstream;
import io.tidegate.devstack.Trees;
import io.vertx.core.Vertx;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Makes the AOT cache (JEP 483, 514, 515): classes loaded and linked, and methods profiled, by a
 * node that was started on servers of its own and given some traffic. Nodes that find the cache
 * start in less than half the CPU time.
 */
@Command(
    name = "aot",
    mixinStandardHelpOptions = true,
    description = {
      "Makes the cache that lets nodes start faster: runs one under light traffic for a few seconds.",
      "The launcher uses it until the next build. Part of making an image; chaos and bench ask for it."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
final class AotCommand implements Callable<Integer> {
  /** The node's own end, and then the JVM's work on the cache. */
  private static final Duration END_LIMIT = Duration.ofMinutes(3);

  private static final String RATE = "150";

  @Option(
      names = "--out",
      paramLabel = "FILE",
      defaultValue = "${sys:tidegate.home:-.}/verticles/node/target/dist/tidegate.aot",
      description = "Where the cache goes (default: where the launcher looks for it).")
  Path out;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      defaultValue = "6s",
      description = "How long the traffic lasts (default: ${DEFAULT-VALUE}).")
  Duration duration;

  @Option(
      names = "--conf",
      paramLabel = "DIR",
      defaultValue = "${sys:tidegate.home:-.}/conf",
      description = "The configuration directory (default: conf beside the launcher).")
  Path conf;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    PrintWriter says = spec.commandLine().getErr();
    Path directory = Files.createTempDirectory("tidegate-aot");
    Path made = out.toAbsolutePath().resolveSibling(out.getFileName() + ".new");
    Shutdown shutdown = new Shutdown(Shutdown.LIMIT);
    shutdown.onStop(
        deadline -> {
          Trees.delete(directory);
          Files.deleteIfExists(made);
        });
    long begin = System.nanoTime();
    says.println("Making the AOT cache (a node under light traffic, then the JVM's own work)");
    says.flush();
    try {
      train(directory, made, shutdown);
    } catch (DevStackException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()));
    } finally {
      shutdown.now();
    }
    says.printf(
        "  made in %.0f s: %s, %d MiB%n",
        (System.nanoTime() - begin) / 1e9, out, Files.size(out) >> 20);
    says.flush();
    return 0;
  }

  private void train(Path directory, Path made, Shutdown shutdown) throws Exception {
    DevStack stack = DevStack.ephemeral().start();
    shutdown.onStop(deadline -> stack.close());
    Vertx vertx = Vertx.vertx();
    shutdown.onStop(deadline -> vertx.close());
    SampleUpstream upstream = new SampleUpstream("sample-1", 0);
    vertx
        .deployVerticle(upstream)
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
    System.setProperty("sample.upstream.url", "http://127.0.0.1:" + upstream.port());

    List<Integer> free = LocalNodes.freePorts(2);
    var ports = new LocalNodes.Ports(free.get(0), free.get(1));
    Map<String, String> settings =
        new UpSettings(
                conf,
                Map.of(),
                Map.of(
                    "edge.port", Integer.toString(ports.http()),
                    "management.port", Integer.toString(ports.management())))
            .values(
                Map.of(
                    "postgres.uri", stack.postgresUri(),
                    "redis.uri", stack.redisUri(),
                    "kafka.servers", stack.kafkaServers()),
                DevKeys.in(directory));
    LocalNodes node =
        new LocalNodes(
            List.of(ports),
            conf,
            directory,
            settings,
            List.of("-XX:AOTCacheOutput=" + made),
            said -> {});
    shutdown.onStop(node::stop);
    node.start();
    node.awaitReady(0);
    int code =
        Tidegate.commandLine()
            .setOut(new PrintWriter(PrintWriter.nullWriter()))
            .setErr(new PrintWriter(PrintWriter.nullWriter()))
            .execute(
                "simulate",
                "--url=http://127.0.0.1:" + ports.http(),
                "--data-dir=" + directory,
                "--rate=" + RATE,
                "--duration=" + duration.toMillis() + "ms");
    node.stop(Deadline.after(END_LIMIT));
    // Requests that failed on a busy machine trained the node no less.
    if (!Files.isRegularFile(made)) {
      List<String> log = Files.readAllLines(directory.resolve("node-1.log"));
      throw new CommandFailure(
          "no cache was made (simulate ended with code %d); the node's last words:%n%s"
              .formatted(
                  code, String.join("\n", log.subList(Math.max(0, log.size() - 20), log.size()))));
    }
    Files.move(made, out, StandardCopyOption.REPLACE_EXISTING);
  }
}
