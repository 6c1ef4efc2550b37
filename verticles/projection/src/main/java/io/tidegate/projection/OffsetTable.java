package io.tidegate.projection;

import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How far each partition of the log is projected: the table that fences a consumer that lost one.
 */
final class OffsetTable {
  private static final String LOCK =
      """
      SELECT partition, next_offset FROM consumed_offsets
      WHERE topic_id = $1 AND partition = ANY($2) ORDER BY partition FOR UPDATE
      """;
  private static final String ADD =
      """
      INSERT INTO consumed_offsets (topic_id, partition, next_offset)
      SELECT $1, partition, next_offset FROM unnest($2::int[], $3::bigint[]) AS n (partition, next_offset)
      ORDER BY partition ON CONFLICT DO NOTHING
      """;
  private static final String READ =
      """
      SELECT partition, next_offset, changed_ids FROM consumed_offsets
      WHERE topic_id = $1 AND partition = ANY($2) FOR SHARE SKIP LOCKED
      """;
  private static final String ADVANCE =
      """
      UPDATE consumed_offsets o
      SET next_offset = n.next_offset, changed_ids = CASE WHEN o.partition = $4 THEN $5::text[] ELSE '{}' END
      FROM unnest($2::int[], $3::bigint[]) AS n (partition, next_offset)
      WHERE o.topic_id = $1 AND o.partition = n.partition
      """;

  /** Where a partition stands, and the ids its last transaction changed. */
  record Stand(long nextOffset, List<String> changedIds) {}

  private final ProfileTransaction transaction;

  OffsetTable(ProfileTransaction transaction) {
    this.transaction = transaction;
  }

  /** Where partitions stand; nobody else moves them until this transaction ends. */
  Map<Integer, Long> lock(String topicId, Collection<Integer> partitions)
      throws StoreException, InterruptedException {
    Map<Integer, Long> offsets = new HashMap<>();
    for (Row row :
        transaction.query(LOCK, Tuple.of(topicId, (Object) partitions.toArray(Integer[]::new)))) {
      offsets.put(row.getInteger(0), row.getLong(1));
    }
    return offsets;
  }

  /**
   * Where partitions stand; those never seen start at the offsets given. One that is being written
   * just now is left out: where it stands is known when that transaction has ended.
   */
  Map<Integer, Stand> stands(String topicId, Map<Integer, Long> starts)
      throws StoreException, InterruptedException {
    Integer[] partitions = starts.keySet().toArray(Integer[]::new);
    transaction.query(ADD, Tuple.of(topicId, partitions, starts.values().toArray(Long[]::new)));
    Map<Integer, Stand> stands = new HashMap<>();
    for (Row row : transaction.query(READ, Tuple.of(topicId, (Object) partitions))) {
      stands.put(row.getInteger(0), new Stand(row.getLong(1), List.of(row.getArrayOfStrings(2))));
    }
    return stands;
  }

  /** Moves partitions on, and keeps what has changed. */
  void advance(String topicId, Map<Integer, Long> nextOffsets, Collection<String> changedIds)
      throws StoreException, InterruptedException {
    Integer[] partitions = nextOffsets.keySet().toArray(Integer[]::new);
    transaction.query(
        ADVANCE,
        Tuple.of(
            topicId,
            partitions,
            nextOffsets.values().toArray(Long[]::new),
            partitions[0],
            changedIds.toArray(String[]::new)));
  }
}
