package io.tidegate.edge;

import io.vertx.core.Future;
import java.util.function.Function;

/** Futures that are done already, as those of the pipeline mostly are. */
final class Done {
  private Done() {}

  /** As {@link Future#compose} does, but at once and without its cost when the first is done. */
  static <A, B> Future<B> then(Future<A> first, Function<A, Future<B>> next) {
    if (!first.succeeded()) {
      return first.compose(next);
    }
    try {
      return next.apply(first.result());
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }
}
