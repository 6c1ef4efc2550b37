package io.tidegate.load;

import io.gatling.javaapi.core.Simulation;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** One simulation, run by Gatling in this process. */
final class GatlingRun {
  private static final int ASSERTIONS_FAILED = 2;

  /** One for all runs of this process: Scala's console keeps the first standard output it finds. */
  private static final Switch WORDS = new Switch();

  private static final PrintStream OUT = new PrintStream(WORDS, true, StandardCharsets.UTF_8);

  private final Path results;

  /**
   * @param results where Gatling writes each run's folder
   */
  GatlingRun(Path results) {
    this.results = results;
  }

  /**
   * Keeps Gatling from asking the world for a newer version, which it does once a day by notes in
   * the user's preferences; ours are in memory and say that it has just asked.
   */
  static void stayOffline() {
    System.setProperty("java.util.prefs.PreferencesFactory", NoPreferences.class.getName());
  }

  /**
   * Runs it to its end. What Gatling says on the way goes to {@code gatling.log}.
   *
   * @return the folder of its report
   * @throws LoadFailure when Gatling could not run it
   */
  Path run(Class<? extends Simulation> simulation, boolean report) throws IOException {
    Files.createDirectories(results);
    List<Path> before = folders();
    List<String> arguments =
        Stream.concat(
                Stream.of("-s", simulation.getName(), "-rf", results.toString(), "-l", "tidegate"),
                report ? Stream.empty() : Stream.of("-nr"))
            .toList();
    PrintStream terminal = System.out;
    int code;
    try (OutputStream file = new FileOutputStream(words().toFile())) {
      WORDS.to = file;
      System.setOut(OUT);
      code = io.gatling.app.Gatling$.MODULE$.fromArgs(arguments.toArray(String[]::new));
    } finally {
      System.setOut(terminal);
      WORDS.to = OutputStream.nullOutputStream();
    }
    Optional<Path> folder = folders().stream().filter(each -> !before.contains(each)).findFirst();
    if ((code != 0 && code != ASSERTIONS_FAILED) || folder.isEmpty()) {
      throw new LoadFailure("Gatling ended with code " + code + "; see " + words());
    }
    return folder.get();
  }

  /** What it said of the last run. */
  GatlingLog log() throws IOException {
    return GatlingLog.parse(Files.readAllLines(words()));
  }

  /** Goes to one file after the other. */
  private static final class Switch extends OutputStream {
    private volatile OutputStream to = nullOutputStream();

    @Override
    public void write(int one) throws IOException {
      to.write(one);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      to.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      to.flush();
    }
  }

  private Path words() {
    return results.resolve("gatling.log");
  }

  private List<Path> folders() throws IOException {
    try (Stream<Path> entries = Files.list(results)) {
      return entries.filter(Files::isDirectory).toList();
    }
  }
}
