package io.tidegate.projection;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.platform.Readiness;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.sqlclient.Pool;

/**
 * The projection's role: reads the log and keeps customer profiles in Postgres. Its start does not
 * need Kafka or Postgres; it waits for both and goes on by itself.
 */
public final class ProjectionVerticle extends VerticleBase {
  final Bus bus;
  final ProjectionConfig config;
  final String kafkaServers;
  final Pool pool;
  final MeterRegistry meters;
  final Readiness readiness;

  /**
   * @param kafkaServers {@code host:port}, several by comma
   * @param pool of the database with the profiles; the caller closes it after this verticle stopped
   * @param readiness gets the check {@code projection}
   */
  public ProjectionVerticle(
      Bus bus,
      ProjectionConfig config,
      String kafkaServers,
      Pool pool,
      MeterRegistry meters,
      Readiness readiness) {
    this.bus = bus;
    this.config = config;
    this.kafkaServers = kafkaServers;
    this.pool = pool;
    this.meters = meters;
    this.readiness = readiness;
  }

  @Override
  public Future<?> start() {
    return Future.succeededFuture();
  }
}
