package io.tidegate.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A request's route among many, the check of its path included. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RouteMatchBenchmark {
  private static final int ASKED = 256;

  @Param("1000")
  private int routes;

  private @Nullable RouteTable<String> table;
  private final String[] paths = new String[ASKED];
  private int next;

  /** Prefixes and parameters under a few services' names, as gateways have them. */
  @Setup
  public void fill() {
    List<RouteTable.Entry<String>> entries = new ArrayList<>();
    for (int route = 0; route < routes; route++) {
      String path =
          route % 2 == 0
              ? "/api/v1/service-" + route + "/*"
              : "/api/v1/service-" + route + "/{id}/orders";
      Rule rule = new Rule("route-" + route, "", PathPattern.parse(path), Set.of(), Map.of());
      entries.add(new RouteTable.Entry<>(rule, rule.name()));
    }
    table = new RouteTable<>(entries);
    for (int i = 0; i < ASKED; i++) {
      int route = i * 7919 % routes;
      paths[i] = "/api/v1/service-" + route + "/4711/orders";
      String found = match();
      if (!("route-" + route).equals(found)) {
        throw new IllegalStateException(
            paths[i] + ": " + found + " (expected: route-" + route + ")");
      }
    }
    next = 0;
  }

  /** One request. */
  @Benchmark
  public @Nullable String match() {
    RouteTable<String> all = table;
    String path = paths[next++ % ASKED];
    return all == null
        ? null
        : all.match("shop.example.com:8080", RequestPath.canonical(path), "GET", name -> null);
  }
}
