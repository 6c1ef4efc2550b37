package io.tidegate.simulate;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * How far a run has come: a bar that redraws itself on a terminal, elsewhere a plain line every few
 * seconds. Used by one thread.
 */
public final class Progress implements AutoCloseable {
  private static final long PLAIN_LINE_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final int BAR_WIDTH = 100;

  private final PrintWriter out;
  private final String task;
  private final String unit;
  private final long max;
  private final @Nullable ProgressBar bar;
  private long nextLine;

  /**
   * A run that has just begun.
   *
   * @param unit what is counted, in the plural
   */
  public Progress(Terminal terminal, String task, String unit, long max) {
    this.out = terminal.err();
    this.task = task;
    this.unit = unit;
    this.max = max;
    this.bar = terminal.live() ? bar(out, task, unit, max) : null;
    this.nextLine = System.nanoTime() + PLAIN_LINE_NANOS;
  }

  private static ProgressBar bar(PrintWriter out, String task, String unit, long max) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(max)
        .setUnit(" " + unit, 1)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(250)
        .showSpeed()
        .setConsumer(
            new DelegatingProgressBarConsumer(
                line -> {
                  out.print('\r' + line);
                  out.flush();
                },
                BAR_WIDTH))
        .build();
  }

  /** Shows how far it is; cheap enough to be called often. */
  public void update(long done, String note) {
    if (bar != null) {
      bar.stepTo(done);
      bar.setExtraMessage(note);
    } else if (System.nanoTime() - nextLine >= 0) {
      nextLine = System.nanoTime() + PLAIN_LINE_NANOS;
      line(done, note);
    }
  }

  private void line(long done, String note) {
    out.printf(Locale.ROOT, "%s: %,d of %,d %s%s%n", task, done, max, unit, note);
    out.flush();
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      out.println();
      out.flush();
    }
  }
}
