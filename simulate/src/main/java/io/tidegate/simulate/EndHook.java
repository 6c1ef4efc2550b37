package io.tidegate.simulate;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a tool end in order on SIGTERM and Ctrl-C: it is told to stop, and the JVM waits for a while
 * until it has. Closed when the tool has ended.
 */
public final class EndHook implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EndHook.class);

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;

  /**
   * Installs it.
   *
   * @param tool its command
   * @param limit how long the JVM waits
   * @param stop tells the tool; from another thread
   */
  public EndHook(String tool, Duration limit, Runnable stop) {
    hook = new Thread(() -> stopAndWait(tool, limit, stop), tool + "-stop");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Installs one that interrupts this thread: that ends whatever it waits for, and everything is
   * closed on the way out.
   *
   * @param tool its command
   * @param limit how long the JVM waits
   */
  public static EndHook interrupting(String tool, Duration limit) {
    return new EndHook(tool, limit, Thread.currentThread()::interrupt);
  }

  private void stopAndWait(String tool, Duration limit, Runnable stop) {
    stop.run();
    try {
      if (!ended.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        log.atWarn().addKeyValue("waited", limit).log("{} did not end in time", tool);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is going down already: the hook did its work.
    }
  }
}
