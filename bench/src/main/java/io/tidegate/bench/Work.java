package io.tidegate.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** One kind of work that is measured: a row or some rows of the table. */
interface Work {
  /** What {@code --only} calls it. */
  String name();

  /** The bars that it judges. */
  List<Bar> bars();

  /** How long it takes in a quick run; zero when that leaves it out. */
  Duration quickTime();

  /**
   * Measures.
   *
   * @throws BenchFailure when it can't, with the reason
   */
  void run(Bench bench, Report report) throws InterruptedException, IOException;
}
