package io.tidegate.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Profiles of a node at work, by <a
 * href="https://github.com/async-profiler/async-profiler">async-profiler</a>: a flame graph for
 * each work, and what its processor time went to, by library. They are made after the rounds of a
 * work; what a node has at later works, though, includes that it was profiled before.
 */
final class Flames {
  private static final Duration JCMD_LIMIT = Duration.ofSeconds(30);
  private static final String SAMPLING = "start,event=cpu,interval=1ms,threads,ann";

  private final Path library;
  private final Path results;
  private final List<Shares> drawn = new ArrayList<>();

  private Flames(Path library, Path results) {
    this.library = library;
    this.results = results;
  }

  /**
   * @param directory for the profiler's library
   * @param results for the graphs
   * @throws BenchFailure when the profiler has no library for this machine
   */
  static Flames to(Path directory, Path results) throws IOException {
    String machine = System.getProperty("os.arch").equals("aarch64") ? "linux-arm64" : "linux-x64";
    String name = machine + "/libasyncProfiler.so";
    Path library = directory.toAbsolutePath().resolve("libasyncProfiler.so");
    try (InputStream in = Flames.class.getClassLoader().getResourceAsStream(name)) {
      if (in == null) {
        throw new BenchFailure("async-profiler has no " + name);
      }
      Files.copy(in, library);
    }
    return new Flames(library, Files.createDirectories(results).toAbsolutePath());
  }

  /** Profiles one contender under its load for so long. */
  void draw(String work, Contender contender, Child process, Duration time)
      throws InterruptedException, IOException {
    String what = nameOf(work, contender.name());
    contender.set().run();
    tell(process, SAMPLING);
    try {
      contender.load().run(time);
    } finally {
      ends(what, process);
    }
  }

  /** The JVM option that begins a profile with the process. */
  String fromTheStart() {
    return "-agentpath:" + library + "=" + SAMPLING;
  }

  /** Ends a profile and draws it. */
  void ends(String what, Child process) throws InterruptedException, IOException {
    Path stacks = results.resolve("flame-" + what + ".collapsed");
    Path graph = results.resolve("flame-" + what + ".html");
    tell(process, "dump,threads,ann,collapsed,file=" + stacks);
    tell(process, "stop,threads,ann,flamegraph,title=" + what + ",file=" + graph);
    drawn.add(Shares.of(what, Files.readAllLines(stacks)));
    Files.delete(stacks);
    Files.writeString(results.resolve("shares.csv"), Shares.csv(drawn));
  }

  private void tell(Child process, String order) throws InterruptedException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    String pid = Long.toString(process.pid());
    List<String> command =
        List.of(jcmd.toString(), pid, "JVMTI.agent_load", library.toString(), "\"" + order + "\"");
    String told = Shell.run(command, JCMD_LIMIT);
    if (!told.contains("return code: 0")) {
      throw new BenchFailure("async-profiler, " + order + ": " + BenchFailure.lastWords(told));
    }
  }

  /** As files are named: the work, and what sets this contender apart from a usual node. */
  static String nameOf(String work, String contender) {
    String apart = contender.equals(Bench.TIDEGATE) ? "" : contender.replace(Bench.TIDEGATE, "");
    return (work + apart).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9^]+", "-").replace("^", "");
  }
}
