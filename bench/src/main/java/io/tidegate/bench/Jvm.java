package io.tidegate.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Java processes beside the node, with the flags that the launcher gives a node. */
final class Jvm {
  private Jvm() {}

  /** A command that runs a main class from this process's own class path. */
  static List<String> command(String main, String... arguments) {
    return with(java(), main, arguments);
  }

  /** The same for a program of others': how the heap is divided was tuned for a node. */
  static List<String> javaOfOthers() {
    List<String> command = java();
    command.removeIf(
        flag -> flag.startsWith("-XX:MaxNewSize") || flag.startsWith("-XX:GCTimeRatio"));
    return command;
  }

  /**
   * The same for a load generator, which is to collect as little garbage as can be, and to keep its
   * code: with no traps allowed the JIT compiles what was never done before as well, where it would
   * throw the code away once that happens, and be late with hundreds of requests.
   */
  static List<String> generator(String main, String... arguments) {
    List<String> command = javaOfOthers();
    command.removeIf(flag -> flag.startsWith("-XX:MaxRAMPercentage"));
    command.addAll(
        List.of(
            "-Xms3g",
            "-Xmx3g",
            "-Xmn2500m",
            "-XX:PerMethodTrapLimit=0",
            "-XX:PerBytecodeTrapLimit=0"));
    return with(command, main, arguments);
  }

  private static List<String> with(List<String> java, String main, String... arguments) {
    java.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    java.addAll(List.of(arguments));
    return java;
  }

  /** The program and the flags; the launcher starts this process with the node's. */
  static List<String> java() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(Jvm::isForAll)
        .forEach(command::add);
    return command;
  }

  /** Not this process's own: agents, properties, and caches of classes. */
  private static boolean isForAll(String argument) {
    return !argument.startsWith("-javaagent")
        && !argument.startsWith("-agent")
        && !argument.startsWith("-D")
        && !argument.startsWith("-XX:AOT");
  }
}
