package io.tidegate.chaos;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The nodes that a client may use, as a balancer knows them: those whose last readiness poll said
 * yes, and that have not failed on a connection since it was sent. Confined to one event loop.
 */
final class ReadyNodes {
  /** The result of {@link #next} when no node is ready. */
  static final int NONE = 0;

  private static final long POLL_MILLIS = 150;

  /** Long enough for a machine that is busy; that a node is dead shows at once. */
  private static final long POLL_LIMIT_MILLIS = 1_000;

  private final Vertx vertx;
  private final HttpClient client;
  private final NodeSettings settings;
  private final Map<Integer, State> states = new TreeMap<>();
  private final Map<Operation, Integer> turns = new EnumMap<>(Operation.class);

  private static final class State {
    boolean ready;
    long failedAt = Long.MIN_VALUE;
  }

  ReadyNodes(Vertx vertx, HttpClient client, NodeSettings settings, List<Integer> nodes) {
    this.vertx = vertx;
    this.client = client;
    this.settings = settings;
    nodes.forEach(node -> states.put(node, new State()));
  }

  void start() {
    states.forEach((node, state) -> vertx.setPeriodic(1, POLL_MILLIS, timer -> poll(node, state)));
  }

  private void poll(int node, State state) {
    long begun = System.nanoTime();
    RequestOptions options =
        new RequestOptions()
            .setAbsoluteURI(settings.managementUrl(node) + "/health/ready")
            .setMethod(HttpMethod.GET)
            .setIdleTimeout(POLL_LIMIT_MILLIS);
    client
        .request(options)
        .compose(request -> request.send())
        .compose(response -> response.end().map(end -> response.statusCode() == 200))
        .timeout(POLL_LIMIT_MILLIS, TimeUnit.MILLISECONDS)
        .otherwise(false)
        .onSuccess(ready -> state.ready = ready && begun > state.failedAt);
  }

  /** A connection to the node failed: it is not used until a poll sent from now on says yes. */
  void failed(int node) {
    State state = states.get(node);
    if (state != null) {
      state.ready = false;
      state.failedAt = System.nanoTime();
    }
  }

  /** The ready node whose turn it is for such a request; {@link #NONE} when there is none. */
  int next(Operation operation) {
    List<Integer> ready = new ArrayList<>(states.size());
    states.forEach(
        (node, state) -> {
          if (state.ready) {
            ready.add(node);
          }
        });
    int turn = turns.merge(operation, 1, Integer::sum);
    return ready.isEmpty() ? NONE : ready.get(Math.floorMod(turn, ready.size()));
  }
}
