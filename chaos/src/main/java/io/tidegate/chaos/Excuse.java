package io.tidegate.chaos;

import io.tidegate.chaos.Answers.Failed;
import java.time.Duration;
import java.util.Set;

/** Whether a fault explains that a request failed. */
@FunctionalInterface
interface Excuse {
  /** Nothing may fail. */
  Excuse NONE = (failed, sinceFault) -> false;

  /** Everything may. */
  Excuse ANY = (failed, sinceFault) -> true;

  /**
   * By then whoever chooses a node knows that it is dead: the other nodes, which may take 300 ms,
   * and a client, by a connection that fails or the next of its polls, and the time that these
   * take.
   */
  Duration KNOWN_DEAD = Duration.ofMillis(450);

  /** By then a node that is silent is out of every choice. */
  Duration KNOWN_SILENT = Duration.ofSeconds(5);

  /**
   * Whether it explains this one.
   *
   * @param sinceFault when it was sent, in nanoseconds after the fault befell; negative before
   */
  boolean covers(Failed failed, long sinceFault);

  /** At these nodes anything may fail. */
  static Excuse at(Set<Integer> nodes) {
    return (failed, sinceFault) -> nodes.contains(failed.node());
  }

  /** What was sent before the fault could be known. */
  static Excuse sentWithin(Duration known) {
    return (failed, sinceFault) -> sinceFault <= known.toNanos();
  }

  /** What can't be done without a role that nobody hosts for the time being. */
  static Excuse needs(String role) {
    return switch (role) {
      case "edge" -> ANY;
      case "ingestion" -> (failed, sinceFault) -> failed.operation() == Operation.EVENT;
      case "profile" -> (failed, sinceFault) -> failed.operation() == Operation.PROFILE;
      default -> NONE; // tables and leases go on without the node that made them
    };
  }

  /** What both explain. */
  default Excuse and(Excuse other) {
    return (failed, sinceFault) -> covers(failed, sinceFault) && other.covers(failed, sinceFault);
  }

  /** What either explains. */
  default Excuse or(Excuse other) {
    return (failed, sinceFault) -> covers(failed, sinceFault) || other.covers(failed, sinceFault);
  }
}
