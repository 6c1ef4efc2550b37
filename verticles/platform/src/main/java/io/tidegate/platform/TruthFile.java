package io.tidegate.platform;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.SharedTruth;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that is offered to all nodes: at the start, and again whenever it changes. A bad one
 * leaves what is in force as it is, and is told of once, with all its problems. Belongs to one
 * event loop.
 */
public final class TruthFile {
  private static final Logger log = LoggerFactory.getLogger(TruthFile.class);

  /** Reads the file and checks it whole. */
  @FunctionalInterface
  public interface Reader {
    /**
     * The document; the same bytes for the same meaning. May block.
     *
     * @throws ConfigurationException with all problems when it is bad
     */
    ByteString read();
  }

  private final Vertx vertx;
  private final SharedTruth truth;
  private final FileWatch watch;
  private final Reader reader;
  private final Duration every;
  private final Counter reloads;
  private final Counter failed;
  private volatile boolean closed;

  /**
   * @param truth this node's copy, started
   * @param every between two looks at the file
   * @param context for the metrics, {@code tidegate.CONTEXT.reloads} and {@code .reload.failed}
   */
  public TruthFile(
      Vertx vertx,
      SharedTruth truth,
      Path file,
      Reader reader,
      Duration every,
      String context,
      MeterRegistry meters) {
    this.vertx = vertx;
    this.truth = truth;
    this.watch = new FileWatch(file);
    this.reader = reader;
    this.every = every;
    this.reloads =
        Counter.builder("tidegate." + context + ".reloads")
            .description("changes of " + file.getFileName() + " that were taken")
            .register(meters);
    this.failed =
        Counter.builder("tidegate." + context + ".reload.failed")
            .description("changes of " + file.getFileName() + " that were refused")
            .register(meters);
  }

  /** Offers the file as it is, and goes on looking at it. Fails when it is bad. */
  public Future<Void> start() {
    return vertx
        .executeBlocking(
            () -> {
              watch.begin();
              return reader.read();
            })
        .compose(document -> truth.offer(document, watch.modifiedMillis()))
        .onSuccess(offered -> lookAgain());
  }

  /** Looks no more. */
  public void close() {
    closed = true;
  }

  // A look begins when the one before has ended, so a slow disk can't pile them up.
  private void lookAgain() {
    if (closed) {
      return;
    }
    vertx.setTimer(
        Math.max(1, every.toMillis()),
        timer ->
            vertx
                .executeBlocking(() -> watch.changed() ? reader.read() : ByteString.EMPTY)
                .compose(this::looked)
                .onFailure(this::refused)
                .onComplete(done -> lookAgain()));
  }

  /**
   * @param document empty for a file that has not changed
   */
  private Future<Void> looked(ByteString document) {
    if (document.isEmpty()) {
      return Future.succeededFuture();
    }
    return truth
        .offer(document, watch.modifiedMillis())
        .onSuccess(
            offered -> {
              reloads.increment();
              log.atInfo().addKeyValue("file", watch.path()).log("{}.yaml reloaded", truth.what());
            });
  }

  private void refused(Throwable why) {
    failed.increment();
    var line = log.atError().addKeyValue("file", watch.path());
    if (why instanceof ConfigurationException bad) {
      line.addKeyValue("problems", bad.problems())
          .log("{}.yaml is bad; what was in force before stays in force", truth.what());
    } else {
      line.setCause(why)
          .log("{}.yaml could not be reloaded; what was in force stays in force", truth.what());
    }
  }
}
