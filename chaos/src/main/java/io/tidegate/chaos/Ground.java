package io.tidegate.chaos;

import io.tidegate.devstack.DevStack;
import io.tidegate.devstack.Opened;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * What one layout of nodes after the other stands on: the network, the servers, and the watch on
 * what Postgres holds.
 *
 * @param directory the nodes' configuration and logs
 * @param profiles what the watch has seen
 */
record Ground(
    Path directory,
    Vertx vertx,
    Network network,
    Servers servers,
    ChaosLimit limit,
    List<String> customers,
    ProfileBook profiles,
    VersionWatch watch,
    Books books,
    Opened opened)
    implements AutoCloseable {
  private static final int CUSTOMERS = 24;
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(3);

  /**
   * Starts the servers and returns when they answer.
   *
   * @param nodes how many nodes there may be at once
   * @param rate requests a second
   * @param say hears what is being done
   */
  static Ground open(int nodes, double rate, Consumer<String> say)
      throws IOException, InterruptedException, SQLException {
    Opened opened = new Opened();
    try {
      Path directory = Files.createTempDirectory("tidegate-chaos-");
      Network network = opened.add(Network.open(nodes));
      Vertx vertx = Vertx.vertx();
      opened.add(() -> Harness.await(vertx.close(), CLOSE_LIMIT));
      Servers servers =
          opened.add(Servers.start(vertx, network, nodes, progress -> say(progress, say)));
      ChaosLimit limit = ChaosLimit.under(Traffic.limited(rate));
      List<String> customers =
          IntStream.range(0, CUSTOMERS).mapToObj(number -> "chaos-" + number).toList();
      ProfileBook profiles = new ProfileBook();
      VersionWatch watch =
          opened.add(new VersionWatch(Database.at(servers.postgresUri()), customers, profiles));
      Database database = opened.add(Database.at(servers.postgresUri()));
      Books books = new Books(database, customers, limit);
      return new Ground(
          directory, vertx, network, servers, limit, customers, profiles, watch, books, opened);
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

  @Override
  public void close() {
    opened.close();
  }
}
