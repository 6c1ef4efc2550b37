package io.tidegate.load;

import io.tidegate.simulate.Progress;
import io.tidegate.simulate.Terminal;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Fills a database with customers. */
@Command(
    name = "seed",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Fills the database with customers, ids 1000001 and up, for the other scenarios.",
      "Those who are there already stay as they are; a run that was ended early is gone on with."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
final class SeedCommand implements Callable<Integer> {
  private static final int MOST_CUSTOMERS = 8_000_000;

  @Spec CommandSpec spec;

  @Option(
      names = "--customers",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "How many there shall be (default: ${DEFAULT-VALUE}).")
  private int customers;

  @Option(
      names = "--postgres-uri",
      paramLabel = "URI",
      description =
          "postgresql://user:password@host:port/database (default: the one that `up` runs).")
  private @Nullable String postgresUri;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = ".tidegate",
      description =
          "Where `up` keeps its data, and its Postgres's port (default: ${DEFAULT-VALUE}).")
  private Path dataDir = Path.of(".tidegate");

  @Override
  public Integer call() throws IOException {
    if (customers < 1 || customers > MOST_CUSTOMERS) {
      throw new ParameterException(
          spec.commandLine(),
          "--customers: " + customers + " (expected: 1 to " + MOST_CUSTOMERS + ")");
    }
    Terminal terminal = Terminal.of(spec.commandLine().getOut(), spec.commandLine().getErr());
    long begin = System.nanoTime();
    long added;
    try (Seeding seeding = Seeding.into(postgresUri == null ? ofUp() : postgresUri);
        Progress progress = new Progress(terminal, "seed", "customers", customers)) {
      added = seeding.run(customers, done -> progress.update(done, ""));
    } catch (SQLException e) {
      throw new LoadFailure("the database: " + e.getMessage());
    }
    terminal
        .out()
        .printf(
            Locale.ROOT,
            "%,d customers are there: %,d were, %,d are new (%.1f s)%n",
            customers,
            customers - added,
            added,
            (System.nanoTime() - begin) / 1e9);
    terminal.out().flush();
    return 0;
  }

  private String ofUp() throws IOException {
    Path file = dataDir.resolve("ports.properties");
    Properties ports = new Properties();
    if (Files.exists(file)) {
      try (Reader in = Files.newBufferedReader(file)) {
        ports.load(in);
      }
    }
    String port = ports.getProperty("postgres");
    if (port == null) {
      throw new LoadFailure(
          "no Postgres of `up` is known in "
              + dataDir
              + " (expected: --postgres-uri or --data-dir)");
    }
    return Database.ofUp(port);
  }
}
