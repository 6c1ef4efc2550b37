package io.tidegate.ingestion;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Bus;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.Map;

/**
 * The far side of ingestion: owns the Kafka producer and serves {@code ingestion.append}. Starts
 * whether Kafka is there or not, and finds it by itself when it comes.
 */
public final class IngestionVerticle extends VerticleBase {
  /**
   * @param kafka client properties: {@code bootstrap.servers}, and security where needed
   */
  public IngestionVerticle(
      Bus bus, IngestionConfig config, Map<String, Object> kafka, MeterRegistry meters) {}

  @Override
  public Future<?> start() {
    return Future.succeededFuture();
  }

  /**
   * Whether Kafka was there and had the topics when it was last asked; for the node's readiness.
   */
  public boolean ready() {
    return false;
  }
}
