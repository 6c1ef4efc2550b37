package io.tidegate.devstack;

import io.tidegate.devstack.DevStack.Listener;
import io.tidegate.devstack.DevStack.Progress;
import io.tidegate.devstack.DevStack.State;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/** One part of a stack on its way up, on a thread of its own, telling the listener how it goes. */
final class Component {
  private static final Duration REACH_LIMIT = Duration.ofSeconds(5);

  private final String name;
  private final Listener listener;
  private final long begin = System.nanoTime();

  private Component(String name, Listener listener) {
    this.name = name;
    this.listener = listener;
  }

  /**
   * The component's URI, once it is up.
   *
   * @param bringUp starts or reaches it and returns the URI
   */
  static CompletableFuture<String> bringUp(
      String name, Listener listener, Supplier<String> bringUp) {
    Component component = new Component(name, listener);
    CompletableFuture<String> uri = new CompletableFuture<>();
    component.tell(State.STARTING, "");
    Thread.ofPlatform().name("devstack-" + name).start(() -> component.run(bringUp, uri));
    return uri;
  }

  private void run(Supplier<String> bringUp, CompletableFuture<String> uri) {
    try {
      String reached = bringUp.get();
      tell(State.READY, reached);
      uri.complete(reached);
    } catch (DevStackException e) {
      tell(State.FAILED, String.valueOf(e.getMessage()));
      uri.completeExceptionally(e);
    } catch (RuntimeException | Error e) {
      tell(State.FAILED, e.toString());
      uri.completeExceptionally(new DevStackException(name + " did not start: " + e, e));
    }
  }

  private void tell(State state, String detail) {
    Duration elapsed = Duration.ofNanos(System.nanoTime() - begin);
    synchronized (listener) {
      listener.onProgress(new Progress(name, state, elapsed, detail));
    }
  }

  /**
   * The address of a server that somebody else runs, when it answers.
   *
   * @param givenBy where the address was given, for the message when it doesn't
   */
  static String reached(
      String name, String givenBy, String address, Function<String, Probe> probe) {
    try {
      probe.apply(address).ask(REACH_LIMIT);
      return address;
    } catch (IOException | IllegalArgumentException e) {
      throw new DevStackException(
          "cannot reach %s at %s given by %s: %s"
              .formatted(name, withoutPassword(address), givenBy, e.getMessage()),
          e);
    }
  }

  private static String withoutPassword(String address) {
    return address.replaceFirst("(?<=//).*@", "").replaceAll("(?i)(?<=password=)[^&]*", "***");
  }
}
