package io.tidegate.bus;

import com.google.protobuf.Message;
import io.tidegate.bus.Channel.Call;
import io.tidegate.bus.Channel.Event;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only door to the event bus: typed, traced, bounded. One instance a node, safe from any
 * thread; answers and news arrive on the Vert.x context that asked or subscribed.
 *
 * <p>Calls go to the nearest far side: this node's own when it serves the channel, else one over
 * the cluster. What comes back is the reply or a {@link FailureException}, never a raw {@link
 * ReplyException}.
 */
public final class Bus {
  private static final Logger log = LoggerFactory.getLogger(Bus.class);

  private final Vertx vertx;
  private final CallObserver observer;
  private final Map<String, AtomicInteger> servedHere = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> inFlight = new ConcurrentHashMap<>();

  /** A bus that nobody watches. */
  public Bus(Vertx vertx) {
    this(vertx, (channel, nanos, failure) -> {});
  }

  /**
   * @param observer hears of every call's end, on the caller's context
   */
  public Bus(Vertx vertx, CallObserver observer) {
    this.vertx = vertx;
    this.observer = observer;
    Set<String> registered = new HashSet<>();
    for (Channel channel : BusMap.CHANNELS) {
      switch (channel) {
        case Call<?, ?> call -> {
          register(call.request(), registered);
          register(call.reply(), registered);
          inFlight.put(call.address(), new AtomicInteger());
        }
        case Event<?> event -> register(event.message(), registered);
      }
      servedHere.put(channel.address(), new AtomicInteger());
    }
  }

  private void register(Message prototype, Set<String> registered) {
    if (registered.add(ProtoCodec.nameOf(prototype))) {
      vertx.eventBus().registerCodec(new ProtoCodec<>(prototype));
    }
  }

  /**
   * Asks the nearest far side.
   *
   * @return the reply; fails with the far side's own {@link FailureException}, or {@link
   *     Failure#ROLE_UNAVAILABLE} (nobody serves it), {@link Failure#BUS_TIMEOUT}, {@link
   *     Failure#OVERLOADED} (too many under way)
   */
  public <Q extends Message, R extends Message> Future<R> call(
      Call<Q, R> channel, Q request, Trace trace) {
    AtomicInteger underWay = counter(inFlight, channel);
    if (underWay.incrementAndGet() > channel.maxInFlight()) {
      underWay.decrementAndGet();
      observer.ended(channel, 0, Failure.OVERLOADED);
      return Future.failedFuture(
          Failure.OVERLOADED.because(
              channel.address() + ": " + channel.maxInFlight() + " calls under way already"));
    }
    long begin = System.nanoTime();
    DeliveryOptions options =
        options(request, trace)
            .setSendTimeout(channel.timeLimit().toMillis())
            .setLocalOnly(counter(servedHere, channel).get() > 0);
    return vertx
        .eventBus()
        .<R>request(channel.address(), request, options)
        .transform(
            reply -> {
              underWay.decrementAndGet();
              if (reply.succeeded()) {
                observer.ended(channel, System.nanoTime() - begin, null);
                return Future.succeededFuture(reply.result().body());
              }
              FailureException failure = failure(channel, reply.cause());
              observer.ended(channel, System.nanoTime() - begin, failure.failure());
              return Future.failedFuture(failure);
            });
  }

  /**
   * Serves a channel on the current context.
   *
   * @param handler answers, or fails with a {@link FailureException}; anything else it throws
   *     reaches the caller as {@link Failure#INTERNAL} and this node's log
   */
  public <Q extends Message, R extends Message> Future<Registration> serve(
      Call<Q, R> channel, BiFunction<Q, Trace, Future<R>> handler) {
    MessageConsumer<Q> consumer = vertx.eventBus().consumer(channel.address());
    consumer.handler(
        message -> {
          Trace trace = Trace.from(message.headers());
          Future<R> answer;
          try {
            answer = handler.apply(message.body(), trace);
          } catch (RuntimeException e) {
            answer = Future.failedFuture(e);
          }
          answer.onComplete(
              reply -> {
                if (reply.succeeded()) {
                  message.reply(reply.result(), options(reply.result(), trace));
                } else {
                  FailureException failure = FailureException.of(reply.cause());
                  if (failure.failure() == Failure.INTERNAL) {
                    log.atError()
                        .setCause(reply.cause())
                        .addKeyValue("channel", channel.address())
                        .addKeyValue("request_id", trace.requestId())
                        .log("a bus call failed unexpectedly");
                  }
                  message.fail(failure.failure().code(), failure.getMessage());
                }
              });
        });
    AtomicInteger here = counter(servedHere, channel);
    return consumer
        .completion()
        .map(
            done -> {
              here.incrementAndGet();
              return () -> {
                here.decrementAndGet();
                return consumer.unregister();
              };
            });
  }

  /**
   * Serves a channel on the current context.
   *
   * @param able whether it reaches what it depends on; while it does not, other nodes are asked
   *     first. Must be quick
   */
  public <Q extends Message, R extends Message> Future<Registration> serve(
      Call<Q, R> channel, BiFunction<Q, Trace, Future<R>> handler, BooleanSupplier able) {
    return serve(channel, handler);
  }

  /** Tells every listener on every node; may be lost. */
  public <M extends Message> void publish(Event<M> channel, M message) {
    vertx.eventBus().publish(channel.address(), message, options(message, Trace.NONE));
  }

  /** Listens on the current context. */
  public <M extends Message> Future<Registration> subscribe(Event<M> channel, Consumer<M> handler) {
    MessageConsumer<M> consumer = vertx.eventBus().consumer(channel.address());
    consumer.handler(message -> handler.accept(message.body()));
    return consumer.completion().map(done -> consumer::unregister);
  }

  /** Calls of this node under way on a channel. */
  public int inFlight(Call<?, ?> channel) {
    return counter(inFlight, channel).get();
  }

  private static AtomicInteger counter(Map<String, AtomicInteger> counters, Channel channel) {
    AtomicInteger counter = counters.get(channel.address());
    if (counter == null) {
      throw new IllegalArgumentException(
          "channel: " + channel.address() + " (expected: one that BusMap.CHANNELS lists)");
    }
    return counter;
  }

  private static DeliveryOptions options(Message message, Trace trace) {
    DeliveryOptions options = new DeliveryOptions().setCodecName(ProtoCodec.nameOf(message));
    if (!trace.requestId().isEmpty()) {
      options.addHeader(Trace.REQUEST_ID, trace.requestId());
    }
    if (!trace.traceparent().isEmpty()) {
      options.addHeader(Trace.TRACEPARENT, trace.traceparent());
    }
    return options;
  }

  private static FailureException failure(Channel channel, Throwable cause) {
    if (!(cause instanceof ReplyException reply)) {
      return FailureException.of(cause);
    }
    return switch (reply.failureType()) {
      case NO_HANDLERS -> Failure.ROLE_UNAVAILABLE.because("no node serves " + channel.address());
      case TIMEOUT -> Failure.BUS_TIMEOUT.because("no answer on " + channel.address() + " in time");
      default -> {
        Failure known = Failure.ofCode(reply.failureCode());
        String message = reply.getMessage();
        yield (known == null ? Failure.INTERNAL : known)
            .because(message == null ? channel.address() + " failed" : message);
      }
    };
  }

  /** Hears of calls' ends; for metrics. Must be quick and must not throw. */
  @FunctionalInterface
  public interface CallObserver {
    /**
     * A call has ended.
     *
     * @param nanos from asking to the answer
     * @param failure null when it was answered
     */
    void ended(Call<?, ?> channel, long nanos, @Nullable Failure failure);
  }

  /** Something that can be taken back. */
  @FunctionalInterface
  public interface Registration {
    Future<Void> remove();
  }
}
