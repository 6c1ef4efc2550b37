package io.tidegate.ingestion;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the log writer shows of itself: meters, and a line in the log when appends begin to fail or
 * work again.
 */
final class LogMeters {
  private static final Logger log = LoggerFactory.getLogger(LogMeters.class);

  private final MeterRegistry meters;
  private final Timer appends;
  private final Counter timeouts;
  private final Counter refusals;
  private final Counter others;
  private final AtomicBoolean failing = new AtomicBoolean();

  LogMeters(MeterRegistry meters) {
    this.meters = meters;
    this.appends =
        Timer.builder("tidegate.ingestion.append")
            .description("from admission to Kafka's acknowledgement of all of a call's events")
            .publishPercentileHistogram()
            .register(meters);
    this.timeouts = errors("timeout");
    this.refusals = errors("refused");
    this.others = errors("other");
  }

  private Counter errors(String kind) {
    return Counter.builder("tidegate.ingestion.producer.errors")
        .description("calls that failed: not acknowledged in time, refused at once, other")
        .tag("kind", kind)
        .register(meters);
  }

  void watch(AtomicLong bytesInFlight, LogProbe probe) {
    Gauge.builder("tidegate.ingestion.bytes.in.flight", bytesInFlight, AtomicLong::get)
        .description("bytes taken for the log and not acknowledged yet")
        .strongReference(true)
        .register(meters);
    Gauge.builder("tidegate.ingestion.log.up", probe, up -> up.isUp() ? 1 : 0)
        .description("whether Kafka answers")
        .strongReference(true)
        .register(meters);
  }

  void refused() {
    refusals.increment();
  }

  void settled(Append append, @Nullable Exception failure) {
    if (failure == null) {
      appends.record(System.nanoTime() - append.admittedNs, TimeUnit.NANOSECONDS);
      if (failing.compareAndSet(true, false)) {
        log.atInfo().log("Kafka acknowledges again");
      }
      return;
    }
    (failure instanceof TimeoutException ? timeouts : others).increment();
    if (failing.compareAndSet(false, true)) {
      log.atWarn().addKeyValue("cause", failure.toString()).log("Kafka does not acknowledge");
    }
  }

  void warmUpFailed(Exception failure) {
    log.atDebug().addKeyValue("cause", failure.toString()).log("the Kafka producer is not ready");
  }

  void closeFailed(Exception failure) {
    log.atWarn().addKeyValue("cause", failure.toString()).log("the Kafka producer did not close");
  }
}
