package io.tidegate.devstack;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Servers stopped side by side, since each takes its time. */
final class Parallel {
  private static final Logger log = LoggerFactory.getLogger(Parallel.class);

  private Parallel() {}

  /** Closes all of them; one that fails is logged and doesn't keep the others. */
  static void closeAll(List<? extends AutoCloseable> closeables) {
    List<Thread> threads = new ArrayList<>();
    for (AutoCloseable closeable : closeables) {
      threads.add(Thread.ofPlatform().name("devstack-stop").start(() -> close(closeable)));
    }
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static void close(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      log.atWarn()
          .setCause(e)
          .addKeyValue("server", closeable.getClass().getSimpleName())
          .log("server did not stop cleanly");
    }
  }
}
