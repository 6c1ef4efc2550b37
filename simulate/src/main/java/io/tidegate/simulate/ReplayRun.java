package io.tidegate.simulate;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A replay with its file checked first, its progress shown while it runs and its figures printed
 * when it ends.
 */
final class ReplayRun {
  private static final Duration LOOK_EVERY = Duration.ofMillis(200);

  private ReplayRun() {}

  /**
   * Reads the file once; a bad row ends it here, with the first few named, unless those are to be
   * skipped.
   */
  static BehaviourFile check(Path path, boolean skipBad, Terminal terminal) throws Stopped {
    BehaviourFile rows;
    try {
      rows = BehaviourFile.check(path);
    } catch (NoSuchFileException e) {
      throw new Stopped(path + ": no such file");
    } catch (CharacterCodingException e) {
      throw new Stopped(path + ": not UTF-8 text");
    } catch (IOException e) {
      throw new Stopped(path + ": can't be read: " + e.getMessage());
    }
    rows.problems().forEach(terminal.err()::println);
    if (rows.badRows() > 0 && !skipBad) {
      throw new Stopped(
          path + ": " + rows.badRows() + " bad rows, nothing sent (--skip-bad sends the others)");
    }
    return rows;
  }

  /** Runs it to its end; the exit code is 0 when every good row was acknowledged. */
  static int run(BehaviourFile rows, Replay replay, Terminal terminal) throws InterruptedException {
    var broken = new AtomicReference<@Nullable Exception>();
    long began = System.nanoTime();
    Thread reader =
        Thread.ofPlatform()
            .name("replay-reader")
            .start(
                () -> {
                  try {
                    replay.run();
                  } catch (IOException | InterruptedException e) {
                    broken.set(e);
                  }
                });
    try (var progress = new Progress(terminal, "replay", "rows", rows.rows())) {
      do {
        progress.update(replay.acknowledged(), ", " + replay.retried() + " batches retried");
      } while (!reader.join(LOOK_EVERY));
      progress.update(replay.acknowledged(), ", " + replay.retried() + " batches retried");
    }
    if (broken.get() != null) {
      terminal.err().println("simulate: the file could not be read to its end: " + broken.get());
    }
    return report(rows, replay, terminal, (System.nanoTime() - began) / 1e9);
  }

  private static int report(BehaviourFile rows, Replay replay, Terminal terminal, double seconds) {
    long failed = rows.rows() - replay.acknowledged();
    var out = terminal.out();
    out.printf(Locale.ROOT, "rows          %,d%n", rows.rows());
    if (rows.badRows() > 0) {
      out.printf(Locale.ROOT, "bad rows      %,d (skipped)%n", rows.badRows());
    }
    out.printf(Locale.ROOT, "acknowledged  %,d%n", replay.acknowledged());
    out.printf(Locale.ROOT, "retried       %,d batches%n", replay.retried());
    out.printf(Locale.ROOT, "failed        %,d (refused: %,d)%n", failed, replay.refused());
    out.printf("time          %s s%n", Terminal.number(seconds));
    out.printf("events/s      %s%n", Terminal.number(replay.acknowledged() / seconds));

    var err = terminal.err();
    replay.problems().forEach(err::println);
    String gaveUp = replay.gaveUp();
    if (gaveUp != null) {
      err.println("simulate: gave up: " + gaveUp);
    }
    if (failed > replay.refused()) {
      err.println("Replay the same file again: what was acknowledged already counts once.");
    }
    return failed == 0 ? 0 : 1;
  }
}
