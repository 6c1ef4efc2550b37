package io.tidegate.node;

import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a node has running, in the order in which it was started. */
final class Deployments {
  private static final Logger log = LoggerFactory.getLogger(Deployments.class);

  private final Vertx vertx;
  private final List<String> ids = new ArrayList<>();
  private final List<Supplier<Future<?>>> last = new ArrayList<>();

  Deployments(Vertx vertx) {
    this.vertx = vertx;
  }

  Future<String> deploy(Deployable verticle) {
    return noted(
        vertx.deployVerticle(
            verticle, new DeploymentOptions().setThreadingModel(ThreadingModel.EVENT_LOOP)));
  }

  Future<String> deploy(Supplier<Deployable> verticle, DeploymentOptions options) {
    return noted(vertx.deployVerticle(verticle, options));
  }

  private Future<String> noted(Future<String> deployment) {
    return deployment.onSuccess(
        id -> {
          synchronized (ids) {
            ids.add(id);
          }
        });
  }

  /** Something that is no verticle, to be closed when all verticles have stopped. */
  void onStopped(Supplier<Future<?>> close) {
    synchronized (ids) {
      last.add(close);
    }
  }

  /**
   * Stops one after the other: the front door was deployed last and stops first; the management
   * port was first and stops last.
   */
  Future<?> stop() {
    Future<?> stopping = Future.succeededFuture();
    synchronized (ids) {
      for (String id : ids.reversed()) {
        stopping = stopping.transform(previous -> vertx.undeploy(id));
      }
      for (Supplier<Future<?>> close : last) {
        stopping = stopping.transform(previous -> close.get());
      }
    }
    return stopping;
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
