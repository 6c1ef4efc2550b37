package io.tidegate.platform;

import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What is wanted in one turn of an event loop, handed on together when the turn ends: under load a
 * call or a write costs more than what it carries. Belongs to one event loop.
 */
public final class Turn<T> {
  private final Vertx vertx;
  private final Consumer<List<T>> whole;
  private List<T> gathered = new ArrayList<>();

  /**
   * @param whole takes what was gathered, never nothing, in the order it came; the list is its own
   */
  public Turn(Vertx vertx, Consumer<List<T>> whole) {
    this.vertx = vertx;
    this.whole = whole;
  }

  /** One more; to be called on the event loop. */
  public void add(T one) {
    if (gathered.isEmpty()) {
      vertx.runOnContext(end -> end());
    }
    gathered.add(one);
  }

  private void end() {
    List<T> all = gathered;
    gathered = new ArrayList<>();
    whole.accept(all);
  }
}
