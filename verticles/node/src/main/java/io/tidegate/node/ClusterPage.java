package io.tidegate.node;

import io.tidegate.bus.NodeView;
import io.tidegate.bus.Peers;
import io.tidegate.proto.cluster.NodeStatus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** {@code GET /cluster} of the management port: every node, as this one sees it. */
final class ClusterPage implements Supplier<JsonObject> {
  private final String cluster;
  private final Peers peers;

  ClusterPage(String cluster, Peers peers) {
    this.cluster = cluster;
    this.peers = peers;
  }

  @Override
  public JsonObject get() {
    List<NodeView> view = peers.view();
    JsonArray nodes = new JsonArray();
    view.stream()
        .sorted(Comparator.comparing((NodeView node) -> node.status().getName()))
        .map(node -> node(node, node.equals(view.getFirst())))
        .forEach(nodes::add);
    return new JsonObject()
        .put("cluster", cluster)
        .put("live", peers.live())
        .put("silent", peers.silent())
        .put("nodes", nodes);
  }

  private static JsonObject node(NodeView view, boolean self) {
    NodeStatus status = view.status();
    JsonObject node =
        new JsonObject()
            .put("name", status.getName().isEmpty() ? view.id() : status.getName())
            .put("id", view.id())
            .put("state", self && view.state().equals("self") ? "live" : view.state())
            .put("self", self)
            .put("ready", status.getReady())
            .put("notReady", new JsonObject(sorted(status.getUnreadyMap())))
            .put("degraded", new JsonObject(sorted(status.getDegradedMap())))
            .put("roles", new JsonArray(List.copyOf(status.getRolesList())))
            .put("able", new JsonArray(List.copyOf(status.getAbleList())))
            .put("version", status.getVersion())
            .put("versions", new JsonObject(sorted(status.getVersionsMap())))
            .put(
                "ageSeconds",
                status.getStartedMs() == 0
                    ? 0
                    : (System.currentTimeMillis() - status.getStartedMs()) / 1_000)
            .put("partitions", new JsonArray(List.copyOf(status.getPartitionsList())))
            .put("leases", status.getLeases())
            .put("management", status.getManagement());
    if (!self) {
      node.put("silentMs", view.silentMs()).put("callsUnderWay", view.underWay());
    }
    return node;
  }

  private static Map<String, Object> sorted(Map<String, ?> map) {
    return new TreeMap<>(map);
  }
}
