package io.tidegate.profile;

import static io.tidegate.profile.ProfileStack.await;
import static io.tidegate.profile.ProfileStack.newId;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bus.Trace;
import io.tidegate.devstack.Await;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Writers and readers at once: what a reader sees never goes back, and ends at the newest. */
class ProfileRacesIT {
  private static final int CUSTOMERS = 8;
  private static final int WRITES = 600;
  private static final int READERS = 12;

  @Test
  void versionsNeverGoBackAndEndAtTheNewest() throws Exception {
    long seed = System.nanoTime();
    // Short lives, so that every way of getting an entry is taken all the time.
    try (ProfileStack stack =
        ProfileStack.shared(
            "fresh-for", "5ms", "revalidate-for", "5ms", "redis-fresh-for", "20ms")) {
      Random random = new Random(seed);
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < CUSTOMERS; i++) {
        ids.add(newId());
        stack.write(ids.get(i), 1);
      }
      Queue<String> wrong = new ConcurrentLinkedQueue<>();
      List<Future<Void>> readers = new ArrayList<>();
      boolean[] stop = {false};
      List<ProfileLookup> nodes = List.of(stack.lookup, stack.nearSide(), stack.nearSide());
      for (int i = 0; i < READERS; i++) {
        readers.add(
            read(stack, nodes.get(i % nodes.size()), ids, new Random(seed + i), stop, wrong));
      }
      Map<String, Long> newest = new ConcurrentHashMap<>();
      for (int i = 0; i < WRITES; i++) {
        String id = ids.get(random.nextInt(CUSTOMERS));
        Row row =
            await(
                    stack
                        .pool
                        .preparedQuery(
                            "UPDATE customers SET version = version + 1 WHERE id = $1 RETURNING version")
                        .execute(Tuple.of(id)))
                .iterator()
                .next();
        newest.put(id, row.getLong("version"));
        stack.tell(id, row.getLong("version"));
      }
      for (Map.Entry<String, Long> last : newest.entrySet()) {
        for (ProfileLookup node : nodes) {
          Await.until(
              "the newest shows, seed " + seed,
              Duration.ofSeconds(1),
              () -> await(node.find(last.getKey(), Trace.NONE)).version() == last.getValue());
        }
      }
      stack.vertx.runOnContext(end -> stop[0] = true);
      await(Future.all(readers));

      assertThat(wrong).as("seed %s", seed).isEmpty();
      assertThat(newest).hasSize(CUSTOMERS);
    }
  }

  /** One reader, one question after the other. */
  private static Future<Void> read(
      ProfileStack stack,
      ProfileLookup node,
      List<String> ids,
      Random random,
      boolean[] stop,
      Queue<String> wrong) {
    Map<String, Long> seen = new ConcurrentHashMap<>();
    return again(stack, node, ids, random, stop, wrong, seen);
  }

  private static Future<Void> again(
      ProfileStack stack,
      ProfileLookup node,
      List<String> ids,
      Random random,
      boolean[] stop,
      Queue<String> wrong,
      Map<String, Long> seen) {
    String id = ids.get(random.nextInt(ids.size()));
    return node.find(id, Trace.NONE)
        .compose(
            view -> {
              Long before = seen.put(id, view.version());
              if (before != null && view.version() < before) {
                wrong.add(id + " went from " + before + " to " + view);
              }
              if (!view.json().toString().contains("\"version\":" + view.version() + "}")) {
                wrong.add(id + " at version " + view.version() + " shows " + view.json());
              }
              return stop[0]
                  ? Future.succeededFuture()
                  : stack
                      .vertx
                      .timer(1, TimeUnit.MILLISECONDS)
                      .compose(next -> again(stack, node, ids, random, stop, wrong, seen));
            });
  }
}
