package io.tidegate.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Requests served a second, looked at once a second from beside a run; refusing is cheap. */
final class Speed implements AutoCloseable {
  private final Answers answers;
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<Long> perSecond = new ArrayList<>();
  private final Thread thread;

  Speed(Answers answers) {
    this.answers = answers;
    this.thread = Thread.ofPlatform().daemon().name("speed").start(this::look);
  }

  private void look() {
    try {
      long before = 0;
      while (!over.await(1, TimeUnit.SECONDS)) {
        long now =
            answers.total()
                - answers.count("", 429, 429)
                - answers.count("", 500, AnswerCounts.STATUSES - 1);
        perSecond.add(now - before);
        before = now;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The mean of the last third of the run, its ends left out; to be asked once it is closed. */
  double lately() {
    return lately(perSecond);
  }

  static double lately(List<Long> perSecond) {
    List<Long> busy = perSecond.stream().filter(answers -> answers > 0).toList();
    int end = Math.max(1, busy.size() - 1);
    return busy.subList(Math.min(end - 1, end * 2 / 3), Math.min(end, busy.size())).stream()
        .mapToLong(Long::longValue)
        .average()
        .orElse(0);
  }

  @Override
  public void close() throws InterruptedException {
    over.countDown();
    thread.join();
  }
}
