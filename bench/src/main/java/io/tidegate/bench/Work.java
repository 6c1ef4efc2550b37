package io.tidegate.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** One kind of work that is measured: a row or some rows of the table. */
interface Work {
  /** What {@code --only} calls it. */
  String name();

  /** The bars that it judges. */
  List<Bar> bars();

  /** Whether it reads of a million customers. */
  default boolean readsMillion() {
    return false;
  }

  /** How long it takes in a quick run; zero when that leaves it out. */
  Duration quickTime();

  /** Whether only {@code --only} asks for it. */
  default boolean onRequest() {
    return false;
  }

  /**
   * Builds what is built once, before the time of a quick run begins.
   *
   * @param home where the launcher is
   */
  default void prepare(Path home, Consumer<String> say) throws InterruptedException, IOException {}

  /**
   * Measures.
   *
   * @throws BenchFailure when it can't, with the reason
   */
  void run(Bench bench, Report report) throws InterruptedException, IOException;
}
