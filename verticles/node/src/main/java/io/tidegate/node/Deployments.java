package io.tidegate.node;

import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a node has running, by when it has to stop. */
final class Deployments {
  private static final Logger log = LoggerFactory.getLogger(Deployments.class);

  /** What stops together; in this order, whatever order it was started in. */
  enum Stage {
    /** Finishes its requests while all the rest still works. */
    FRONT_DOOR,
    PROJECTION,
    FAR_SIDES,
    /** Not verticles: connections of the near sides. */
    CONNECTIONS,
    /** Tells of the stop until the end. */
    MANAGEMENT
  }

  private final Vertx vertx;
  private final Map<Stage, List<Supplier<Future<?>>>> stops = new EnumMap<>(Stage.class);

  Deployments(Vertx vertx) {
    this.vertx = vertx;
  }

  Future<String> deploy(Stage stage, Deployable verticle) {
    return deploy(
        stage,
        () -> verticle,
        new DeploymentOptions().setThreadingModel(ThreadingModel.EVENT_LOOP));
  }

  Future<String> deploy(Stage stage, Supplier<Deployable> verticle, DeploymentOptions options) {
    return vertx
        .deployVerticle(verticle, options)
        .onSuccess(id -> onStop(stage, () -> vertx.undeploy(id)));
  }

  /** Something else that stops with a stage. */
  void onStop(Stage stage, Supplier<Future<?>> stop) {
    synchronized (stops) {
      stops.computeIfAbsent(stage, unused -> new ArrayList<>()).add(stop);
    }
  }

  /**
   * Stops one stage: all that is in it at once.
   *
   * @return done when all of it has ended, well or not
   */
  Future<?> stop(Stage stage) {
    List<Supplier<Future<?>>> all;
    synchronized (stops) {
      all = stops.remove(stage);
    }
    return all == null
        ? Future.succeededFuture()
        : Future.join(all.stream().<Future<?>>map(Supplier::get).toList()).otherwiseEmpty();
  }

  /**
   * Fails a deployment in words: a taken port or a certificate that is none is the user's to mend,
   * so there is no stack trace.
   *
   * @param section of the configuration, which has {@code host} and {@code port}
   */
  static Future<String> cannotListen(String section, String host, int port, Throwable cause) {
    log.atDebug().setCause(cause).log("can't listen");
    String said = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    String first = said.lines().findFirst().orElse(cause.toString());
    return Future.failedFuture(
        new CommandFailure(
            first.contains("already in use")
                ? "%s.port: %d (expected: a port that is not taken)".formatted(section, port)
                : "can't listen on %1$s.host %2$s, %1$s.port %3$d: %4$s"
                    .formatted(section, host, port, first)));
  }
}
