package io.tidegate.bus;

import static java.time.Duration.ofSeconds;

import io.tidegate.bus.Channel.Call;
import io.tidegate.bus.Channel.Event;
import io.tidegate.proto.cluster.NodeBeat;
import io.tidegate.proto.cluster.Snapshot;
import io.tidegate.proto.cluster.SnapshotRequest;
import io.tidegate.proto.ingestion.AppendReply;
import io.tidegate.proto.ingestion.AppendRequest;
import io.tidegate.proto.profile.EraseReply;
import io.tidegate.proto.profile.EraseRequest;
import io.tidegate.proto.profile.FindReply;
import io.tidegate.proto.profile.FindRequest;
import io.tidegate.proto.profile.ProfilesChanged;
import io.tidegate.proto.ratelimit.LeaseReply;
import io.tidegate.proto.ratelimit.LeaseRequest;
import java.util.List;

/** The message map: every channel of the system. docs/bus-map.md is generated from it. */
public final class BusMap {
  /**
   * Ingestion: events to the log. The time limit leaves room for Kafka's own (delivery.timeout.ms).
   */
  public static final Call<AppendRequest, AppendReply> INGESTION_APPEND =
      new Call<>(
          "ingestion.append",
          AppendRequest.getDefaultInstance(),
          AppendReply.getDefaultInstance(),
          ofSeconds(8),
          4_096,
          true,
          "append a tick's events to the log; answered after acks=all");

  public static final Call<FindRequest, FindReply> PROFILE_FIND =
      new Call<>(
          "profile.find",
          FindRequest.getDefaultInstance(),
          FindReply.getDefaultInstance(),
          ofSeconds(3),
          8_192,
          true,
          "profiles that the near side does not hold, from Redis or Postgres");

  public static final Call<EraseRequest, EraseReply> PROFILE_ERASE =
      new Call<>(
          "profile.erase",
          EraseRequest.getDefaultInstance(),
          EraseReply.getDefaultInstance(),
          ofSeconds(10),
          256,
          true,
          "erase a customer everywhere");

  public static final Event<ProfilesChanged> PROFILE_CHANGED =
      new Event<>(
          "profile.changed",
          ProfilesChanged.getDefaultInstance(),
          "these ids show something else now; drop older versions");

  public static final Call<LeaseRequest, LeaseReply> RATELIMIT_LEASE =
      new Call<>(
          "ratelimit.lease",
          LeaseRequest.getDefaultInstance(),
          LeaseReply.getDefaultInstance(),
          ofSeconds(1),
          16_384,
          true,
          "quota for these keys from the ledger in Redis");

  public static final Call<SnapshotRequest, Snapshot> RATELIMIT_SNAPSHOT =
      snapshot("ratelimit.snapshot", "the limits in force on one node, asked by name");

  public static final Event<Snapshot> RATELIMIT_CHANGED =
      new Event<>("ratelimit.changed", Snapshot.getDefaultInstance(), "new limits are in force");

  public static final Call<SnapshotRequest, Snapshot> ROUTING_SNAPSHOT =
      snapshot("routing.snapshot", "the route table in force on one node, asked by name");

  public static final Event<Snapshot> ROUTING_CHANGED =
      new Event<>(
          "routing.changed", Snapshot.getDefaultInstance(), "a new route table is in force");

  public static final Event<NodeBeat> NODE_BEAT =
      new Event<>(
          "node.beat", NodeBeat.getDefaultInstance(), "a node is alive; ten times a second");

  /** All of them, for the codec, the docs and the architecture test. */
  public static final List<Channel> CHANNELS =
      List.of(
          INGESTION_APPEND,
          PROFILE_FIND,
          PROFILE_ERASE,
          PROFILE_CHANGED,
          RATELIMIT_LEASE,
          RATELIMIT_SNAPSHOT,
          RATELIMIT_CHANGED,
          ROUTING_SNAPSHOT,
          ROUTING_CHANGED,
          NODE_BEAT);

  private BusMap() {}

  private static Call<SnapshotRequest, Snapshot> snapshot(String address, String purpose) {
    return new Call<>(
        address,
        SnapshotRequest.getDefaultInstance(),
        Snapshot.getDefaultInstance(),
        ofSeconds(5),
        64,
        true,
        purpose);
  }
}
