package io.tidegate.ingestion;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.FailureException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An intake on an event loop of its own, asked from the test's thread. */
final class IntakeOnLoop {
  static final long LIMIT_S = 20;

  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Context context;
  private final EventIntake intake;

  IntakeOnLoop(Vertx vertx, Bus bus, IngestionConfig config, Clock clock) {
    this.context = vertx.getOrCreateContext();
    this.intake = new EventIntake(bus, vertx, config, clock, meters);
  }

  /** All in one turn of the loop. */
  List<CompletableFuture<Integer>> inOneTick(List<Function<EventIntake, Future<Integer>>> calls) {
    List<CompletableFuture<Integer>> answers = new ArrayList<>();
    calls.forEach(call -> answers.add(new CompletableFuture<>()));
    context.runOnContext(
        turn -> {
          for (int i = 0; i < calls.size(); i++) {
            CompletableFuture<Integer> answer = answers.get(i);
            calls.get(i).apply(intake).onComplete(answer::complete, answer::completeExceptionally);
          }
        });
    return answers;
  }

  CompletableFuture<Integer> accept(EventKind kind, String body) {
    return inOneTick(List.of(it -> it.accept(kind, Buffer.buffer(body), Bodies.ORIGIN))).getFirst();
  }

  double events(String outcome) {
    return meters.counter("tidegate.ingestion.events", "outcome", outcome).count();
  }

  /** The failure of an answer, null when it is none. */
  static @Nullable FailureException failure(CompletableFuture<Integer> answer)
      throws InterruptedException, TimeoutException {
    try {
      answer.get(LIMIT_S, TimeUnit.SECONDS);
      return null;
    } catch (ExecutionException e) {
      return (FailureException) e.getCause();
    }
  }
}
