package io.tidegate.ingestion;

import io.tidegate.bus.Trace;
import io.tidegate.platform.ConfigLoader;
import io.tidegate.platform.ConfigSection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** From an event's bytes as they arrive to the record for the log: parsed, checked, written. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EventParseBenchmark {
  private static final int BATCH = 100;
  private static final String EVENT =
      """
      {"type":"track","userId":"bench-1","event":"Product Viewed","timestamp":"2026-11-11T20:00:00.000Z",\
      "properties":{"product_id":"sku-4711","category":"tea","brand":"Longjing","price":29.9,"currency":"CNY",\
      "position":3,"coupon":"DOUBLE11"},"context":{"locale":"zh-CN","userAgent":"Mozilla/5.0 (iPhone)",\
      "page":{"path":"/product/4711","title":"Green tea"}}}\
      """;

  private final EventParser parser =
      new EventParser(
          ConfigLoader.section(
              new ConfigSection<>(IngestionConfig.class, IngestionConfig::check), Map.of()));
  private final BoundEvents bound = new BoundEvents();
  private final byte[] one = EVENT.getBytes(StandardCharsets.UTF_8);
  private final byte[] batch =
      IntStream.range(0, BATCH)
          .mapToObj(event -> EVENT)
          .collect(Collectors.joining(",", "{\"batch\":[", "]}"))
          .getBytes(StandardCharsets.UTF_8);
  private final Arrival arrival = new Arrival(1_794_859_200_000L, new Origin("bench", Trace.NONE));

  /** A body of one event. */
  @Benchmark
  public Object single() {
    return parser.parse(EventKind.TRACK, one, arrival);
  }

  /** The same by Jackson's data binding: a tree of nodes. */
  @Benchmark
  public Object tree() throws IOException {
    return bound.tree(one, arrival);
  }

  /** The same by Jackson's data binding: a record with maps. */
  @Benchmark
  public Object bound() throws IOException {
    return bound.bound(one, arrival);
  }

  /** One of a hundred events of a batch. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public Object ofBatch() {
    return parser.parse(EventKind.BATCH, batch, arrival);
  }
}
