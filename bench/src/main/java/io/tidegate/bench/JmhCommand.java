package io.tidegate.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The command {@code bench jmh}: JMH's own command line, with its profiler of allocations. */
@Command(
    name = "jmh",
    mixinStandardHelpOptions = true,
    description = {
      "Measures hot parts one by one: TokenBenchmark, QuotaBenchmark, RouteMatchBenchmark,",
      "EventParseBenchmark, ProfileEncodeBenchmark, ProfileCacheBenchmark, MetricsBenchmark,",
      "BusCallBenchmark."
    })
final class JmhCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "REGEX|OPTION",
      description = "Which, and options of JMH's such as -f 1 or -l (-- -h lists them).")
  private List<String> arguments = List.of();

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(Jvm.command("org.openjdk.jmh.Main"));
    command.addAll(arguments);
    if (!arguments.contains("-prof")) {
      command.addAll(List.of("-prof", "gc"));
    }
    Process jmh = new ProcessBuilder(command).inheritIO().start();
    try {
      return jmh.waitFor();
    } finally {
      jmh.descendants().forEach(ProcessHandle::destroyForcibly);
      jmh.destroyForcibly();
    }
  }
}
