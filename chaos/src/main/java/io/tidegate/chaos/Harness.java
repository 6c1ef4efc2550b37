package io.tidegate.chaos;

import io.tidegate.devstack.DevStack;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Everything that runs: servers, nodes, traffic, and the watch on what Postgres holds.
 *
 * @param directory the nodes' configuration and logs
 */
record Harness(
    Path directory,
    Cluster cluster,
    Traffic traffic,
    Books books,
    VersionWatch watch,
    Opened opened)
    implements AutoCloseable {
  private static final int CUSTOMERS = 24;
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(3);
  private static final Duration DEPLOY_LIMIT = Duration.ofSeconds(5);

  /**
   * Starts it all and returns when all nodes are ready.
   *
   * @param rate requests a second
   * @param say hears what is being done
   */
  static Harness start(int size, Layout layout, double rate, Consumer<String> say)
      throws IOException, InterruptedException, SQLException {
    Opened opened = new Opened();
    try {
      Path directory = Files.createTempDirectory("tidegate-chaos-");
      Network network = opened.add(Network.open(size + 1));
      Vertx vertx = Vertx.vertx();
      opened.add(() -> await(vertx.close(), CLOSE_LIMIT));
      Servers servers =
          opened.add(Servers.start(vertx, network, size + 1, progress -> say(progress, say)));
      ChaosLimit limit = ChaosLimit.under(Traffic.limited(rate));
      Cluster cluster = opened.add(Cluster.of(size, layout, directory, network, servers, limit));
      say.accept("starting " + size + " nodes (logs: " + directory + ")");
      cluster.start();
      List<String> customers =
          IntStream.range(0, CUSTOMERS).mapToObj(number -> "chaos-" + number).toList();
      ProfileBook profiles = new ProfileBook(NodeSettings.PROMISE.toNanos());
      VersionWatch watch =
          opened.add(new VersionWatch(Database.at(servers.postgresUri()), customers, profiles));
      Database database = opened.add(Database.at(servers.postgresUri()));
      Traffic traffic = new Traffic(cluster, profiles, customers, cluster.settings().token(), rate);
      await(vertx.deployVerticle(traffic), DEPLOY_LIMIT);
      Books books = new Books(database, customers, limit);
      return new Harness(directory, cluster, traffic, books, watch, opened);
    } catch (IOException | InterruptedException | SQLException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private static void say(DevStack.Progress progress, Consumer<String> say) {
    if (progress.state() == DevStack.State.READY) {
      say.accept(progress.component() + " is ready after " + progress.elapsed().toMillis() + " ms");
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
