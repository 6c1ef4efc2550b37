package io.tidegate.profile;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A row of Postgres as the profile's JSON. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ProfileEncodeBenchmark {
  private final CustomerRow row =
      new CustomerRow(
          "bench-1",
          17,
          "{\"city\": \"Hangzhou\", \"name\": \"Customer 1\", \"email\": \"c1@example.com\"}",
          List.of("anonymous-1", "anonymous-2"),
          "{\"order_completed\": 3, \"product_viewed\": 12}",
          3,
          15,
          Instant.parse("2026-10-12T03:04:05.678901Z"),
          Instant.parse("2026-11-11T20:00:00Z"),
          List.of("potential"));

  /** One profile. */
  @Benchmark
  public byte[] encode() {
    return ProfileEncoder.encode(row);
  }
}
