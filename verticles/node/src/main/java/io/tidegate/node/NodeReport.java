package io.tidegate.node;

import io.tidegate.bus.Bus;
import io.tidegate.platform.Readiness;
import io.tidegate.proto.cluster.NodeStatus;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a node tells the others of itself. Safe from any thread; nothing in it blocks. */
final class NodeReport implements Supplier<NodeStatus> {
  private static final long COUNT_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final NodeConfig config;
  private final String version;
  private final Readiness readiness;
  private final long started = Instant.now().toEpochMilli();
  private final Map<String, LongSupplier> versions = new ConcurrentHashMap<>();
  private volatile Supplier<? extends Collection<Integer>> partitions = List::of;
  private volatile IntSupplier leases = () -> 0;
  private volatile long leasesCountedAt = System.nanoTime() - COUNT_EVERY_NANOS;
  private volatile int leasesCounted;
  private volatile Supplier<String> management = () -> "";
  private volatile @Nullable Bus bus;

  NodeReport(NodeConfig config, String version, Readiness readiness) {
    this.config = config;
    this.version = version;
    this.readiness = readiness;
  }

  /** Whose roles are able. */
  void of(Bus served) {
    bus = served;
  }

  /** A version in force. */
  void version(String what, LongSupplier inForce) {
    versions.put(what, inForce);
  }

  /**
   * Something that may work in a lesser way.
   *
   * @param how null while it works in full
   */
  void degraded(String what, Supplier<@Nullable String> how) {
    readiness.mayDegrade(what, how);
  }

  void partitions(Supplier<? extends Collection<Integer>> owned) {
    partitions = owned;
  }

  void leases(IntSupplier held) {
    leases = held;
  }

  void management(Supplier<String> address) {
    management = address;
  }

  /** Counting them walks all tables, which is too much for every beat. */
  private int leases() {
    long now = System.nanoTime();
    if (now - leasesCountedAt > COUNT_EVERY_NANOS) {
      leasesCountedAt = now;
      leasesCounted = leases.getAsInt();
    }
    return leasesCounted;
  }

  @Override
  public NodeStatus get() {
    NodeStatus.Builder status =
        NodeStatus.newBuilder()
            .setName(config.called())
            .setVersion(version)
            .setStartedMs(started)
            .setLeases(leases())
            .setManagement(management.get())
            .addAllPartitions(partitions.get())
            .putAllDegraded(readiness.degraded());
    config.roles().stream().map(Role::word).sorted().forEach(status::addRoles);
    versions.forEach((what, inForce) -> status.putVersions(what, inForce.getAsLong()));
    readiness
        .report()
        .forEach(
            (check, says) -> {
              if (!says.equals(Readiness.OK)) {
                status.putUnready(check, says);
              }
            });
    Bus served = bus;
    if (served != null) {
      status.addAllAble(served.ableRoles());
    }
    return status.setReady(status.getUnreadyCount() == 0).build();
  }
}
