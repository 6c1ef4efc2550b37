package io.tidegate.bench;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a process's time went to, by whose code it was spent in itself.
 *
 * @param name what was profiled
 * @param samples of each part; compiler and collector are threads, the others code
 */
record Shares(String name, Map<Part, Long> samples) {
  /** Whose code it is. */
  enum Part {
    KERNEL("kernel"),
    NETTY("Netty"),
    VERTX("Vert.x"),
    JDK("JDK"),
    KAFKA("Kafka's client"),
    JACKSON("Jackson"),
    BORINGSSL("BoringSSL"),
    TIDEGATE("Tidegate's own code"),
    CACHES_AND_METERS("Caffeine, Micrometer"),
    PROTOBUF("Protobuf"),
    OTHER("JVM's stubs, C library, others"),
    COMPILER("JIT beside it"),
    COLLECTOR("collector beside it");

    private final String words;

    Part(String words) {
      this.words = words;
    }

    /** As tables show it. */
    String words() {
      return words;
    }
  }

  /**
   * @param stacks as async-profiler collapses them: {@code [thread];frame;...;frame COUNT}
   */
  static Shares of(String name, List<String> stacks) {
    Map<Part, Long> samples = new EnumMap<>(Part.class);
    for (String stack : stacks) {
      int end = stack.lastIndexOf(' ');
      int last = stack.lastIndexOf(';', end);
      if (end < 0 || last < 0) {
        continue;
      }
      long count = Long.parseLong(stack.substring(end + 1));
      String thread = stack.substring(0, stack.indexOf(';'));
      samples.merge(part(thread, stack.substring(last + 1, end)), count, Long::sum);
    }
    return new Shares(name, samples);
  }

  private static Part part(String thread, String frame) {
    if (thread.contains("Compiler")) {
      return Part.COMPILER;
    }
    if (thread.contains("GC Thread") || thread.contains("[G1 ") || thread.contains("VM Thread")) {
      return Part.COLLECTOR;
    }
    if (frame.endsWith("_[k]")) {
      return Part.KERNEL;
    }
    if (frame.contains("netty_tcnative")) {
      return Part.BORINGSSL;
    }
    String[] path = frame.split("/", 4);
    return switch (path.length < 2 ? "" : path[0] + "/" + path[1]) {
      case "io/netty" -> Part.NETTY;
      case "io/vertx" -> Part.VERTX;
      case "org/apache" -> Part.KAFKA;
      case "tools/jackson", "com/fasterxml" -> Part.JACKSON;
      case "io/tidegate" -> path[2].equals("proto") ? Part.PROTOBUF : Part.TIDEGATE;
      case "com/google" -> Part.PROTOBUF;
      case "com/github", "io/micrometer", "org/HdrHistogram" -> Part.CACHES_AND_METERS;
      default -> frame.matches("(java|javax|jdk|sun)/.*") ? Part.JDK : Part.OTHER;
    };
  }

  /** Per cent: of compiler and collector, of all; of code, of what is not theirs. */
  double percent(Part part) {
    long all = samples.values().stream().mapToLong(Long::longValue).sum();
    long beside = at(Part.COMPILER) + at(Part.COLLECTOR);
    boolean isBeside = part == Part.COMPILER || part == Part.COLLECTOR;
    return 100.0 * (double) at(part) / (double) Math.max(1, isBeside ? all : all - beside);
  }

  private long at(Part part) {
    return samples.getOrDefault(part, 0L);
  }

  /** All as CSV: a line a part, a column a profile. */
  static String csv(List<Shares> all) {
    StringBuilder csv = new StringBuilder("part");
    all.forEach(each -> csv.append(',').append(each.name()));
    for (Part part : Part.values()) {
      csv.append('\n').append(part.words().replace(",", " and"));
      all.forEach(
          each -> csv.append(',').append(String.format(Locale.ROOT, "%.1f", each.percent(part))));
    }
    return csv.append('\n').toString();
  }
}
