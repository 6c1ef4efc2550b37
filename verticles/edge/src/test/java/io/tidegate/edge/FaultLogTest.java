package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tidegate.bus.Failure;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class FaultLogTest {
  private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(FaultLog.class);

  private final ListAppender<ILoggingEvent> said = new ListAppender<>();
  private final AtomicLong clock = new AtomicLong();
  private final FaultLog log = new FaultLog(clock::get);

  @BeforeEach
  void listen() {
    said.start();
    LOGGER.addAppender(said);
  }

  @AfterEach
  void leave() {
    LOGGER.detachAppender(said);
  }

  @Test
  void tenLinesASecondAndHowManyMore() {
    for (int i = 0; i < 25; i++) {
      log.add("id-" + i, "routed", "shop", 502, Failure.UPSTREAM_FAILED.because("upstream up: no"));
    }
    assertThat(said.list).hasSize(FaultLog.MOST);
    assertThat(said.list.getFirst().getKeyValuePairs())
        .extracting(Object::toString)
        .contains(
            "request_id=\"id-0\"",
            "route=\"shop\"",
            "status=\"502\"",
            "failure=\"upstream-failed\"");
    log.tick();
    assertThat(said.list).hasSize(FaultLog.MOST);
    clock.addAndGet(Duration.ofSeconds(1).toNanos());
    log.tick();
    assertThat(said.list).hasSize(FaultLog.MOST + 1);
    assertThat(said.list.getLast().getKeyValuePairs())
        .extracting(Object::toString)
        .containsExactly("suppressed=\"15\"");
    log.add("later", "routed", "shop", 503, null);
    assertThat(said.list).hasSize(FaultLog.MOST + 2);
  }

  @Test
  void aQuietSecondSaysNothing() {
    clock.addAndGet(Duration.ofSeconds(5).toNanos());
    log.tick();
    assertThat(said.list).isEmpty();
  }
}
