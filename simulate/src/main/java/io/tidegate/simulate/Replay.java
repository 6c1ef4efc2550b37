package io.tidegate.simulate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Sends a behaviour file's rows in batches over several lanes. A user's rows all go by one lane,
 * and a lane has one batch in flight, so each user's rows arrive in the file's order. A batch that
 * can't be taken now is sent again, the same bytes, until it is acknowledged or the time for it has
 * run out; then the whole replay gives up, since whoever replays the file again loses nothing by
 * it. Each lane is a virtual thread.
 */
final class Replay {
  /** The API takes 500 KiB a batch; this leaves room for what surrounds the events. */
  private static final int BATCH_BYTES = 480 * 1024;

  private static final int BATCHES_WAITING = 2;
  private static final int PROBLEMS_KEPT = 10;
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);
  private static final int LOOKS_AFTER_STOP = 20;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final Api api;
  private final BehaviourFile file;
  private final int batchSize;
  private final Duration retryFor;
  private final StopSignal stop;
  private final List<Lane> lanes = new ArrayList<>();
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong retried = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final ConcurrentLinkedQueue<String> problems = new ConcurrentLinkedQueue<>();
  private final AtomicReference<@Nullable String> gaveUp = new AtomicReference<>();

  /** Events on their way: their JSON, comma-separated. */
  private static final class Batch {
    final StringBuilder events = new StringBuilder();
    int rows;
    int bytes;

    void add(String event, int length) {
      if (rows++ > 0) {
        events.append(',');
      }
      events.append(event);
      bytes += length;
    }

    Call toCall() {
      return Call.event("batch", "/v1/batch", "{\"batch\":[" + events + "]}");
    }
  }

  /**
   * One user's rows always find the same lane. The reader fills the batch, the lane's thread sends
   * it.
   */
  private static final class Lane {
    final BlockingQueue<Batch> full = new ArrayBlockingQueue<>(BATCHES_WAITING);
    Batch filling = new Batch();
  }

  Replay(
      Api api,
      BehaviourFile file,
      int batchSize,
      int laneCount,
      Duration retryFor,
      StopSignal stop) {
    this.api = api;
    this.file = file;
    this.batchSize = batchSize;
    this.retryFor = retryFor;
    this.stop = stop;
    for (int i = 0; i < laneCount; i++) {
      lanes.add(new Lane());
    }
  }

  /**
   * Blocks until every row is acknowledged or refused, the replay gave up, or the stop signal was
   * heeded.
   */
  void run() throws IOException, InterruptedException {
    var threads = new ArrayList<Thread>();
    for (Lane lane : lanes) {
      threads.add(Thread.ofVirtual().name("replay-lane").start(() -> drain(lane)));
    }
    try {
      file.forEach(this::fill);
      for (Lane lane : lanes) {
        handOver(lane);
        put(lane, new Batch());
      }
    } catch (IOException e) {
      stop.give();
      throw e;
    } finally {
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  private boolean fill(Behaviour row, String messageId) throws InterruptedException {
    Lane lane = lanes.get(Math.floorMod(row.user().hashCode(), lanes.size()));
    String event = row.toEvent(messageId);
    int bytes = event.getBytes(StandardCharsets.UTF_8).length + 1;
    if (lane.filling.rows == batchSize || lane.filling.bytes + bytes > BATCH_BYTES) {
      handOver(lane);
    }
    lane.filling.add(event, bytes);
    return !stop.isGiven();
  }

  private void handOver(Lane lane) throws InterruptedException {
    if (lane.filling.rows > 0) {
      put(lane, lane.filling);
      lane.filling = new Batch();
    }
  }

  private void put(Lane lane, Batch batch) throws InterruptedException {
    boolean taken = false;
    while (!taken && !stop.isGiven()) {
      taken = lane.full.offer(batch, 50, TimeUnit.MILLISECONDS);
    }
  }

  private void drain(Lane lane) {
    try {
      while (!stop.isGiven()) {
        Batch batch = lane.full.poll(50, TimeUnit.MILLISECONDS);
        if (batch == null) {
          continue;
        }
        if (batch.rows == 0) {
          return;
        }
        settle(batch);
      }
    } catch (InterruptedException | ExecutionException e) {
      giveUp("a lane ended: " + e);
    }
  }

  private void settle(Batch batch) throws InterruptedException, ExecutionException {
    Call call = batch.toCall();
    long began = System.nanoTime();
    for (int attempt = 0; ; attempt++) {
      Answer answer = send(call);
      if (answer == null) {
        return;
      }
      if (answer.succeeded()) {
        acknowledged.addAndGet(batch.rows);
        return;
      }
      if (answer.status() == 401 || answer.status() == 403) {
        giveUp("the write key was refused: " + answer);
        return;
      }
      if (!answer.worthRetrying()) {
        refused.addAndGet(batch.rows);
        if (problems.size() < PROBLEMS_KEPT) {
          problems.add("a batch of " + batch.rows + " rows was refused: " + answer);
        }
        return;
      }
      Duration pause = pause(attempt, answer);
      Duration spent = Duration.ofNanos(System.nanoTime() - began);
      if (spent.plus(pause).compareTo(retryFor) > 0) {
        giveUp("no acknowledgement for " + spent.toSeconds() + " s; the last answer: " + answer);
        return;
      }
      retried.incrementAndGet();
      if (stop.within(pause)) {
        return;
      }
    }
  }

  /** The answer; null when the stop signal was given and none came soon after. */
  private @Nullable Answer send(Call call) throws InterruptedException, ExecutionException {
    var answer = api.send(call).toCompletionStage().toCompletableFuture();
    for (int looks = 0; looks < LOOKS_AFTER_STOP; ) {
      try {
        return answer.get(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        looks += stop.isGiven() ? 1 : 0;
      }
    }
    return null;
  }

  /**
   * What the server asked for, else twice as long each time; never all clients at the same moment.
   */
  private static Duration pause(int attempt, Answer answer) {
    if (answer.retryAfter() != null) {
      return answer.retryAfter().plusMillis(ThreadLocalRandom.current().nextLong(100));
    }
    long bound =
        Math.min(LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(attempt, 10));
    return Duration.ofMillis(bound / 2 + ThreadLocalRandom.current().nextLong(bound / 2 + 1));
  }

  private void giveUp(String reason) {
    gaveUp.compareAndSet(null, reason);
    stop.give();
  }

  /** Rows acknowledged so far; for any thread, as the other counts. */
  long acknowledged() {
    return acknowledged.get();
  }

  /** Batches sent again. */
  long retried() {
    return retried.get();
  }

  /** Rows in batches that the server will never take. */
  long refused() {
    return refused.get();
  }

  /** Why the replay ended early; null when it did not, or was asked to. */
  @Nullable String gaveUp() {
    return gaveUp.get();
  }

  /** The first few refusals, in words. */
  List<String> problems() {
    return List.copyOf(problems);
  }
}
