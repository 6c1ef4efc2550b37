package io.tidegate.ingestion;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.proto.ingestion.AppendRequest;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The producer and the one thread that may wait in its {@code send}. Admission is by bytes and
 * decided at once; what is admitted is settled within the bus's own time limit.
 */
final class LogWriter {
  private static final long IDLE_MS = 100;
  private static final long REPLACE_AFTER_NS = TimeUnit.SECONDS.toNanos(1);

  private final IngestionConfig config;
  private final long maxBytes;
  private final KafkaClients clients;
  private final LogProbe probe;
  private final LogMeters meters;
  private final long queueNs;
  private final AtomicLong bytesInFlight = new AtomicLong();
  private final BlockingQueue<Append> queue =
      new LinkedBlockingQueue<>(); // bounded by bytesInFlight
  private final Thread sender;
  private volatile long drainEndNs;
  private volatile boolean stopping;

  // The sender's own, but for the flag that acknowledgements set.
  private final KafkaRecords records;
  private @Nullable Producer<byte[], byte[]> producer;
  private long madeNs;
  private volatile boolean broken;

  LogWriter(IngestionConfig config, KafkaClients clients, LogProbe probe, LogMeters meters) {
    this.config = config;
    this.maxBytes = IngestionConfig.logBytes(config);
    this.clients = clients;
    this.probe = probe;
    this.queueNs = IngestionConfig.queueTime(config).toNanos();
    this.meters = meters;
    this.records = new KafkaRecords(config.topic());
    this.sender = Thread.ofPlatform().daemon().name("tidegate-log-sender").unstarted(this::run);
    meters.watch(bytesInFlight, probe);
  }

  void start() {
    sender.start();
  }

  /**
   * Appends all events of a request.
   *
   * @param settled gets null when Kafka has acknowledged all of them, else why not; called once, on
   *     any thread
   */
  void append(AppendRequest request, Consumer<@Nullable FailureException> settled) {
    FailureException refused = admit();
    if (refused != null) {
      meters.refused();
      settled.accept(refused);
      return;
    }
    Append append =
        new Append(
            request,
            (done, failure) -> {
              bytesInFlight.addAndGet(-done.bytes);
              settled.accept(failure == null ? null : failed(failure));
              meters.settled(done, failure);
            });
    if (bytesInFlight.addAndGet(append.bytes) > maxBytes) {
      bytesInFlight.addAndGet(-append.bytes);
      meters.refused();
      settled.accept(unavailable("as many bytes wait for Kafka as may: " + maxBytes));
      return;
    }
    queue.add(append);
  }

  private @Nullable FailureException admit() {
    if (stopping) {
      return new FailureException(
          Failure.DRAINING, "this node's log writer is stopping", config.retryAfter());
    }
    return probe.isUp() ? null : unavailable(probe.status());
  }

  /** Gives what is under way until the drain's end; what is left then fails. */
  void close() throws InterruptedException {
    drainEndNs = System.nanoTime() + config.drainTimeout().toNanos();
    stopping = true;
    sender.join(config.drainTimeout().plus(config.maxBlock()).plusMillis(IDLE_MS));
  }

  private void run() {
    try {
      while (!stopping || !queue.isEmpty()) {
        Append next = queue.poll(IDLE_MS, TimeUnit.MILLISECONDS);
        if (next != null) {
          send(next);
        } else if (producer == null && probe.isUp() && !stopping) {
          warmUp();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      closeProducer(Duration.ofNanos(Math.max(0, drainEndNs - System.nanoTime())));
      for (Append left = queue.poll(); left != null; left = queue.poll()) {
        left.abandon(left.request.getEventsCount(), new TimeoutException("stopped"));
      }
    }
  }

  /**
   * So that the first event does not have to wait for the producer to be made and to learn of the
   * topic.
   */
  private void warmUp() {
    try {
      usableProducer().partitionsFor(config.topic());
    } catch (KafkaException e) {
      meters.warmUpFailed(e);
    }
  }

  private void send(Append append) {
    int sent = 0;
    int events = append.request.getEventsCount();
    try {
      Producer<byte[], byte[]> to = usableProducer();
      while (sent < events && !append.hasFailed()) {
        if (isLate(append)) {
          throw new TimeoutException("waited too long for its turn");
        }
        // The callback tells all that the future would.
        Future<RecordMetadata> unused =
            to.send(
                records.of(append.request.getEvents(sent)),
                (metadata, failure) -> acknowledged(append, failure));
        sent++;
      }
      if (sent < events) {
        append.abandon(events - sent, new TimeoutException("an event before it failed"));
      }
    } catch (TimeoutException e) {
      append.abandon(events - sent, e);
    } catch (RuntimeException e) {
      // What send throws rather than reports leaves the producer of no more use.
      broken = true;
      append.abandon(events - sent, e);
    }
  }

  private boolean isLate(Append append) {
    long now = System.nanoTime();
    return now - append.admittedNs > queueNs || (stopping && now - drainEndNs > 0);
  }

  private void acknowledged(Append append, @Nullable Exception failure) {
    if (failure != null && !(failure instanceof RetriableException)) {
      broken = true;
    }
    append.acknowledged(failure);
  }

  /** The producer; another when the last one broke, but not more often than once a second. */
  private Producer<byte[], byte[]> usableProducer() {
    Producer<byte[], byte[]> usable = producer;
    if (usable != null && broken && System.nanoTime() - madeNs > REPLACE_AFTER_NS) {
      closeProducer(Duration.ZERO);
      usable = null;
    }
    if (usable == null) {
      broken = false;
      madeNs = System.nanoTime();
      usable = clients.producer();
      producer = usable;
    }
    return usable;
  }

  private void closeProducer(Duration within) {
    Producer<byte[], byte[]> closing = producer;
    producer = null;
    if (closing != null) {
      try {
        closing.close(within);
      } catch (KafkaException e) {
        meters.closeFailed(e);
      }
    }
  }

  private FailureException failed(Exception failure) {
    return unavailable(
        failure instanceof TimeoutException
            ? "Kafka did not acknowledge in time"
            : "Kafka refused: " + failure.getClass().getSimpleName());
  }

  private FailureException unavailable(String why) {
    return new FailureException(Failure.LOG_UNAVAILABLE, why, config.retryAfter());
  }
}
