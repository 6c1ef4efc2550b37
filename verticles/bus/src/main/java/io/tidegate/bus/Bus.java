package io.tidegate.bus;

import com.google.protobuf.Message;
import io.tidegate.bus.Channel.Call;
import io.tidegate.bus.Channel.Event;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only door to the event bus: typed, traced, bounded. One instance a node, safe from any
 * thread; answers and news arrive on the Vert.x context that asked or subscribed.
 *
 * <p>Calls go to the nearest far side that is able to answer: this node's own, else the least busy
 * of the other nodes. When that one is lost, late or can't answer, a repeatable call is asked once
 * more of another node. What comes back is the reply or a {@link FailureException}, never a raw
 * {@link ReplyException}.
 */
public final class Bus {
  private static final Logger log = LoggerFactory.getLogger(Bus.class);

  private final Vertx vertx;
  private final Peers peers;
  private final CallObserver observer;
  private final Dispatch dispatch;
  private final FailOvers failOvers;
  private final News news;
  private final Map<String, AtomicInteger> inFlight = new ConcurrentHashMap<>();
  private final AtomicInteger answering = new AtomicInteger();

  /** A bus of one node that nobody watches. */
  public Bus(Vertx vertx) {
    this(vertx, Peers.alone(), CallObserver.NONE);
  }

  /**
   * A bus between nodes.
   *
   * @param observer hears of every call's end, on the caller's context
   */
  public Bus(Vertx vertx, Peers peers, CallObserver observer) {
    this.vertx = vertx;
    this.peers = peers;
    this.observer = observer;
    this.dispatch = new Dispatch(peers);
    this.failOvers = new FailOvers(vertx, dispatch, observer, System::nanoTime);
    this.news = new News(vertx, peers);
    Set<String> registered = new HashSet<>();
    for (Channel channel : BusMap.CHANNELS) {
      switch (channel) {
        case Call<?, ?> call -> {
          register(call.request(), registered);
          register(call.reply(), registered);
          inFlight.put(call.address(), new AtomicInteger());
        }
        case Event<?> event -> {
          register(event.message(), registered);
          news.relay(event);
        }
      }
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
   *     Failure#ROLE_UNAVAILABLE} (nobody serves it, or who did was lost), {@link
   *     Failure#BUS_TIMEOUT}, {@link Failure#OVERLOADED} (too many under way)
   */
  public <Q extends Message, R extends Message> Future<R> call(
      Call<Q, R> channel, Q request, Trace trace) {
    AtomicInteger underWay = counter(channel);
    if (underWay.incrementAndGet() > channel.maxInFlight()) {
      underWay.decrementAndGet();
      observer.ended(channel, "nobody", 0, Failure.OVERLOADED);
      return Future.failedFuture(
          Failure.OVERLOADED.because(
              channel.address() + ": " + channel.maxInFlight() + " calls under way already"));
    }
    Future<R> answer = ask(channel, request, trace);
    answer.onComplete(ended -> underWay.decrementAndGet());
    return answer;
  }

  private <Q extends Message, R extends Message> Future<R> ask(
      Call<Q, R> channel, Q request, Trace trace) {
    long deadline = System.nanoTime() + channel.timeLimit().toNanos();
    Target first = dispatch.choose(channel, null);
    Future<R> answer = ask(channel, request, trace, first, channel.timeLimit());
    if (!channel.repeatable() || peers.isAlone()) {
      return answer;
    }
    return failOvers
        .orLate(channel, first, answer)
        .recover(
            cause -> {
              FailureException failure = FailureException.of(cause);
              Duration left = Duration.ofNanos(deadline - System.nanoTime());
              Target second =
                  Dispatch.mayAnswerElsewhere(failure.failure())
                      ? dispatch.choose(channel, first)
                      : Target.NOBODY;
              if (!second.able() || !left.isPositive()) {
                return Future.failedFuture(failure);
              }
              observer.failedOver(channel, first.name(), failure.failure());
              return FailOvers.either(answer, ask(channel, request, trace, second, left));
            });
  }

  private <Q extends Message, R extends Message> Future<R> ask(
      Call<Q, R> channel, Q request, Trace trace, Target target, Duration limit) {
    if (target.why() != null) {
      observer.ended(channel, target.name(), 0, target.why());
      return Future.failedFuture(
          target
              .why()
              .because(
                  target.equals(Target.ALL_BUSY)
                      ? channel.address() + ": every node that serves it has its fill"
                      : "no node serves " + channel.address()));
    }
    long begin = System.nanoTime();
    Peer peer = target.peer();
    DeliveryOptions options =
        Wire.options(request, trace).setSendTimeout(Math.max(1, limit.toMillis()));
    Future<R> reply =
        peer == null
            ? request(channel.address(), request, options.setLocalOnly(true))
            : request(channel, peer, request, options);
    return reply.transform(
        ended -> {
          FailureException failure =
              ended.succeeded() ? null : Wire.failure(channel, ended.cause());
          observer.ended(
              channel,
              target.name(),
              System.nanoTime() - begin,
              failure == null ? null : failure.failure());
          return failure == null
              ? Future.succeededFuture(ended.result())
              : Future.failedFuture(failure);
        });
  }

  private <R extends Message> Future<R> request(
      String address, Message request, DeliveryOptions options) {
    return vertx.eventBus().<R>request(address, request, options).map(message -> message.body());
  }

  /**
   * Asks one node, whether it hosts the channel's role or not; nobody else is asked in its stead.
   *
   * @param node its id
   * @return as of {@link #call}
   */
  <Q extends Message, R extends Message> Future<R> ask(String node, Call<Q, R> channel, Q request) {
    Peer peer = peers.peer(node);
    return ask(
        channel,
        request,
        Trace.NONE,
        peer == null ? Target.NOBODY : Target.of(peer),
        channel.timeLimit());
  }

  /** The reply of another node, or its loss, whichever comes first; on the caller's context. */
  private <Q extends Message, R extends Message> Future<R> request(
      Call<Q, R> channel, Peer peer, Q request, DeliveryOptions options) {
    Context caller = vertx.getOrCreateContext();
    Promise<R> answer = Promise.promise();
    Peer.Asked asked = why -> caller.runOnContext(nothing -> answer.tryFail(why));
    peer.begin(asked);
    this.<R>request(Peers.at(channel, peer.id()), request, options)
        .onComplete(
            reply -> {
              if (reply.succeeded()) {
                answer.tryComplete(reply.result());
              } else {
                answer.tryFail(reply.cause());
              }
            });
    return answer.future().onComplete(ended -> peer.end(asked));
  }

  /**
   * Serves a channel on the current context.
   *
   * @param handler answers, or fails with a {@link FailureException}; anything else it throws
   *     reaches the caller as {@link Failure#INTERNAL} and this node's log
   */
  public <Q extends Message, R extends Message> Future<Registration> serve(
      Call<Q, R> channel, BiFunction<Q, Trace, Future<R>> handler) {
    return serve(channel, handler, () -> true);
  }

  /**
   * Serves a channel on the current context.
   *
   * @param handler answers, or fails with a {@link FailureException}; anything else it throws
   *     reaches the caller as {@link Failure#INTERNAL} and this node's log
   * @param able whether it reaches what it depends on; while it does not, other nodes are asked
   *     first. Asked for every call, so it must be quick
   */
  public <Q extends Message, R extends Message> Future<Registration> serve(
      Call<Q, R> channel, BiFunction<Q, Trace, Future<R>> handler, BooleanSupplier able) {
    counter(channel);
    List<MessageConsumer<Q>> consumers = new ArrayList<>();
    consumers.add(vertx.eventBus().localConsumer(channel.address()));
    if (!peers.isAlone()) {
      consumers.add(vertx.eventBus().consumer(Peers.at(channel, peers.self())));
    }
    consumers.forEach(consumer -> consumer.handler(message -> answer(channel, message, handler)));
    return Future.join(consumers.stream().map(MessageConsumer::completion).toList())
        .map(
            done -> {
              dispatch.serves(channel, able);
              return () -> {
                dispatch.servesNoMore(channel);
                return Future.join(consumers.stream().map(MessageConsumer::unregister).toList())
                    .mapEmpty();
              };
            });
  }

  /** Serves those who {@link #ask} this very node, on the current context. */
  <Q extends Message, R extends Message> Future<Registration> serveByName(
      Call<Q, R> channel, BiFunction<Q, Trace, Future<R>> handler) {
    if (peers.isAlone()) {
      return Future.succeededFuture(Future::succeededFuture);
    }
    MessageConsumer<Q> consumer = vertx.eventBus().consumer(Peers.at(channel, peers.self()));
    consumer.handler(message -> answer(channel, message, handler));
    return consumer.completion().map(done -> consumer::unregister);
  }

  private <Q extends Message, R extends Message> void answer(
      Call<Q, R> channel,
      io.vertx.core.eventbus.Message<Q> message,
      BiFunction<Q, Trace, Future<R>> handler) {
    Trace trace = Trace.from(message.headers());
    answering.incrementAndGet();
    Future<R> answer;
    try {
      answer = handler.apply(message.body(), trace);
    } catch (RuntimeException e) {
      answer = Future.failedFuture(e);
    }
    answer.onComplete(
        reply -> {
          answering.decrementAndGet();
          if (reply.succeeded()) {
            message.reply(reply.result(), Wire.options(reply.result(), trace));
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
  }

  /** The roles this node serves whose dependencies it reaches now. */
  public Set<String> ableRoles() {
    return dispatch.ableRoles();
  }

  /** Tells every listener on every node; may be lost. */
  public <M extends Message> void publish(Event<M> channel, M message) {
    news.publish(channel, message);
  }

  /**
   * For how long it has been in doubt, in nanoseconds, whether all news since a time was heard: an
   * event was lost, or a node was or is not heard that may have told something. Noticed within
   * about a second. 0 when there is no doubt.
   *
   * @param readAt a {@link System#nanoTime} past
   */
  public long doubtedFor(long readAt) {
    return peers.isAlone() ? 0 : peers.doubt().since(readAt);
  }

  /** Listens on the current context. */
  public <M extends Message> Future<Registration> subscribe(Event<M> channel, Consumer<M> handler) {
    MessageConsumer<M> consumer = vertx.eventBus().localConsumer(channel.address());
    consumer.handler(message -> handler.accept(message.body()));
    return consumer.completion().map(done -> consumer::unregister);
  }

  /** Calls that this node was asked, by itself or by others, and has not answered yet. */
  public int answering() {
    return answering.get();
  }

  /** Calls of this node under way on a channel. */
  public int inFlight(Call<?, ?> channel) {
    return counter(channel).get();
  }

  private AtomicInteger counter(Channel channel) {
    AtomicInteger counter = inFlight.get(channel.address());
    if (counter == null) {
      throw new IllegalArgumentException(
          "channel: " + channel.address() + " (expected: a call that BusMap.CHANNELS lists)");
    }
    return counter;
  }

  Peers peers() {
    return peers;
  }

  /** Something that can be taken back. */
  @FunctionalInterface
  public interface Registration {
    Future<Void> remove();
  }
}
