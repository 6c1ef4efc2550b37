package io.tidegate.cluster;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out why a node has no company although others are listed: strangers at their addresses, or
 * nobody. Tells the log when that changes.
 */
final class LoneNode {
  private static final Logger log = LoggerFactory.getLogger(LoneNode.class);
  private static final long FIRST_LOOK_MS = 1_000;
  private static final long LOOK_EVERY_MS = 3_000;

  private final List<String> others;
  private final String cluster;
  private final BooleanSupplier alone;
  private @Nullable String seen;
  private volatile @Nullable String why;

  /**
   * @param others addresses at which nodes should be, {@code host:port}
   * @param cluster its name and generation
   */
  LoneNode(List<String> others, String cluster, BooleanSupplier alone) {
    this.others = others;
    this.cluster = cluster;
    this.alone = alone;
  }

  void watch(Vertx vertx) {
    if (others.isEmpty()) {
      return;
    }
    NetClient client = vertx.createNetClient(new NetClientOptions().setConnectTimeout(500));
    vertx.setTimer(FIRST_LOOK_MS, timer -> look(client));
    vertx.setPeriodic(LOOK_EVERY_MS, timer -> look(client));
  }

  /** In words, with what to do; null while there is company. */
  @Nullable String why() {
    return alone.getAsBoolean() ? why : null;
  }

  private void look(NetClient client) {
    if (!alone.getAsBoolean()) {
      say(null);
      return;
    }
    List<String> answering = new ArrayList<>();
    List<Future<Void>> tries =
        others.stream()
            .map(
                address -> {
                  int colon = address.lastIndexOf(':');
                  return client
                      .connect(
                          Integer.parseInt(address.substring(colon + 1)),
                          address.substring(0, colon))
                      .onSuccess(socket -> answering.add(address))
                      .compose(socket -> socket.close());
                })
            .toList();
    Future.join(tries)
        .onComplete(
            tried ->
                say(
                    answering.isEmpty()
                        ? "alone: nobody answers at "
                            + String.join(", ", others)
                            + " (are they up, and is cluster.port open between the machines?)"
                        : "alone: "
                            + String.join(", ", answering)
                            + " answers but is not of cluster "
                            + cluster
                            + " (cluster.name and the versions have to fit)"));
  }

  /**
   * Says what two looks in a row have seen: nodes that are just starting answer before they join.
   */
  private void say(@Nullable String now) {
    String before = seen;
    seen = now;
    if (now == null) {
      why = null;
    } else if (now.equals(before) && !now.equals(why)) {
      why = now;
      log.atWarn().addKeyValue("reason", now).log("this node has no company");
    }
  }
}
