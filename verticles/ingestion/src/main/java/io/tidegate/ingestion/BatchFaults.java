package io.tidegate.ingestion;

import io.tidegate.bus.FailureException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is wrong with a batch: the first ten bad events, by place. */
final class BatchFaults {
  private static final int MAX = 10;

  private final List<Map<String, Object>> errors = new ArrayList<>();
  private @Nullable FailureException first;

  /** Notes that the event at this place is bad. */
  void add(int index, FailureException fault) {
    if (first == null) {
      String message = "batch[" + index + "]." + fault.getMessage();
      first = new FailureException(fault.failure(), message, null).with("index", index);
    }
    if (errors.size() < MAX) {
      errors.add(Map.of("index", index, "detail", fault.getMessage()));
    }
  }

  /** Ends the reading: the fault goes with those noted before, unless it is the batch's own. */
  void end(int index, FailureException fault) {
    if (index == BatchReader.NOWHERE) {
      throw fault;
    }
    add(index, fault);
    throwIfAny();
  }

  void throwIfAny() {
    if (first != null) {
      throw first.with("errors", errors);
    }
  }
}
