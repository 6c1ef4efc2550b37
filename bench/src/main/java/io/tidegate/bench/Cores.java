package io.tidegate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Which processors a contender has, and which everything else: load generator, upstream, Postgres,
 * Redis, Kafka. Half each, so that a contender is held up by its own work only, and no load
 * generator takes turns with what it measures. All contenders have the same half.
 *
 * @param contender processors as {@code taskset -c} takes them; empty when nothing is pinned
 * @param others the same for everything else
 * @param size how many processors a contender has
 */
record Cores(String contender, String others, int size) {
  private static final List<String> PRECEDENCE = List.of("nice", "-n", "-10");
  private static final Duration TASKSET_LIMIT = Duration.ofSeconds(10);

  /** Half and half, or no pinning where there is one processor or no {@code taskset}. */
  static Cores split(boolean pinned) throws IOException {
    List<Integer> all = allowed(Files.readString(Path.of("/proc/self/status")));
    if (!pinned || all.size() < 2 || Tools.find("taskset").isEmpty()) {
      return new Cores("", "", all.size());
    }
    int half = all.size() / 2;
    return new Cores(list(all.subList(0, half)), list(all.subList(half, all.size())), half);
  }

  /** The processors of a {@code Cpus_allowed_list} such as {@code 0-3,8}. */
  static List<Integer> allowed(String status) {
    String list =
        status
            .lines()
            .filter(line -> line.startsWith("Cpus_allowed_list:"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse("0");
    List<Integer> cores = new ArrayList<>();
    for (String range : list.split(",", -1)) {
      String[] ends = range.split("-", -1);
      int last = Integer.parseInt(ends[ends.length - 1]);
      for (int core = Integer.parseInt(ends[0]); core <= last; core++) {
        cores.add(core);
      }
    }
    return cores;
  }

  private static String list(List<Integer> cores) {
    return cores.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  /** The command on the contender's processors. */
  List<String> forContender(List<String> command) {
    return on(contender, command);
  }

  /** The command on the other processors. */
  List<String> forOthers(List<String> command) {
    return on(others, command);
  }

  /**
   * The same, ahead of Postgres, Redis, Kafka and whatever else is busy there, as if it had a
   * machine of its own; where this process may not grant that, {@code nice} says so and runs it as
   * it is.
   */
  List<String> ahead(List<String> command) {
    if (others.isEmpty()) {
      return command;
    }
    List<String> line = new ArrayList<>(PRECEDENCE);
    line.addAll(forOthers(command));
    return line;
  }

  private static List<String> on(String cores, List<String> command) {
    if (cores.isEmpty()) {
      return command;
    }
    List<String> line = new ArrayList<>(List.of("taskset", "-c", cores));
    line.addAll(command);
    return line;
  }

  /** The same processors with nothing pinned: commands run on all of them, if this process does. */
  Cores unpinned() {
    return contender.isEmpty()
        ? this
        : new Cores(contender + "," + others, contender + "," + others, size);
  }

  /** Moves this process, with all it will start, to the other processors. */
  void moveThisProcess() throws InterruptedException {
    move(ProcessHandle.current().pid(), others);
  }

  /** Lets a contender use all processors, so that it has compiled itself sooner. */
  void release(Child process) throws InterruptedException {
    move(process.pid(), contender + "," + others);
  }

  /** Confines a contender to its processors. */
  void confine(Child process) throws InterruptedException {
    move(process.pid(), contender);
  }

  private void move(long pid, String cores) throws InterruptedException {
    if (!contender.isEmpty()) {
      Shell.run(List.of("taskset", "-a", "-p", "-c", cores, Long.toString(pid)), TASKSET_LIMIT);
    }
  }

  /** In words, for the table's head. */
  String described() {
    return contender.isEmpty()
        ? "not pinned"
        : "contenders on processor " + contender + ", everything else on " + others;
  }
}
