package io.tidegate.ingestion;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.platform.Readiness;
import io.tidegate.proto.ingestion.AppendReply;
import io.tidegate.proto.ingestion.AppendRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The far side of ingestion: owns the Kafka producer and serves {@code ingestion.append}. Starts
 * whether Kafka is there or not, and finds it by itself when it comes.
 */
public final class IngestionVerticle extends VerticleBase {
  private final Bus bus;
  private final LogProbe probe;
  private final LogWriter writer;
  private Bus.@Nullable Registration serving;

  /**
   * @param kafka client properties: {@code bootstrap.servers}, and security where needed
   */
  public IngestionVerticle(
      Bus bus, IngestionConfig config, Map<String, Object> kafka, MeterRegistry meters) {
    KafkaClients clients = new KafkaClients(config, kafka);
    this.bus = bus;
    this.probe = new LogProbe(config, clients);
    this.writer = new LogWriter(config, clients, probe, new LogMeters(meters));
  }

  @Override
  public Future<?> start() {
    probe.start();
    writer.start();
    return bus.serve(BusMap.INGESTION_APPEND, (request, trace) -> append(request), this::ready)
        .onSuccess(registration -> serving = registration);
  }

  /** Takes no more, waits for what is under way, closes the producer. */
  @Override
  public Future<?> stop() {
    Future<Void> unserved = serving == null ? Future.succeededFuture() : serving.remove();
    return unserved.eventually(
        () ->
            vertx.executeBlocking(
                () -> {
                  writer.close();
                  probe.close();
                  return null;
                }));
  }

  /**
   * {@link Readiness#OK} while Kafka answers and has the topics, else why not; for {@link
   * Readiness#register}. Safe from any thread.
   */
  public String readiness() {
    return probe.status();
  }

  /** Whether {@link #readiness} is {@link Readiness#OK}. */
  public boolean ready() {
    return probe.isUp();
  }

  private Future<AppendReply> append(AppendRequest request) {
    Promise<AppendReply> reply = Promise.promise();
    if (request.getEventsCount() == 0) {
      return Future.succeededFuture(AppendReply.getDefaultInstance());
    }
    writer.append(
        request,
        failure ->
            context.runOnContext(
                turn -> {
                  if (failure == null) {
                    reply.complete(
                        AppendReply.newBuilder().setAccepted(request.getEventsCount()).build());
                  } else {
                    reply.fail(failure);
                  }
                }));
    return reply.future();
  }
}
