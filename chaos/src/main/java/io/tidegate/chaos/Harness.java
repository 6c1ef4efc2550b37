package io.tidegate.chaos;

import io.tidegate.devstack.Opened;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** The nodes of one layout, and the traffic to them. */
record Harness(Ground ground, Cluster cluster, Traffic traffic, Opened opened)
    implements AutoCloseable {
  private static final Duration DEPLOY_LIMIT = Duration.ofSeconds(5);

  /**
   * Starts the nodes and returns when all are ready.
   *
   * @param rate requests a second
   * @param say hears what is being done
   */
  static Harness start(Ground ground, int size, Layout layout, double rate, Consumer<String> say)
      throws IOException, InterruptedException {
    Opened opened = new Opened();
    try {
      Path directory = Files.createDirectory(ground.directory().resolve(layout.toString()));
      Cluster cluster =
          opened.add(
              Cluster.of(
                  size, layout, directory, ground.network(), ground.servers(), ground.limit()));
      say.accept("starting " + size + " nodes, " + layout + " (logs: " + directory + ")");
      cluster.start(say);
      Traffic traffic =
          new Traffic(
              cluster, ground.profiles(), ground.customers(), cluster.settings().token(), rate);
      String deployed = await(ground.vertx().deployVerticle(traffic), DEPLOY_LIMIT);
      opened.add(() -> await(ground.vertx().undeploy(deployed), DEPLOY_LIMIT));
      return new Harness(ground, cluster, traffic, opened);
    } catch (IOException | InterruptedException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  /** What comes of a future within so long. */
  static <T> T await(Future<T> future, Duration limit) throws InterruptedException {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new ChaosFailure(String.valueOf(e.getCause()));
    } catch (TimeoutException e) {
      throw new ChaosFailure("not within " + limit.toMillis() + " ms");
    }
  }

  @Override
  public void close() {
    opened.close();
  }
}
