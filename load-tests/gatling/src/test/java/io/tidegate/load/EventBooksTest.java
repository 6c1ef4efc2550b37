package io.tidegate.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.tidegate.load.EventBooks.Balance;
import io.tidegate.load.Verdict.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a management page that says what is put into it, one answer after the other. */
class EventBooksTest {
  private final Deque<String> pages = new ArrayDeque<>();
  private HttpServer server;
  private Metrics metrics;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/metrics",
        exchange -> {
          byte[] page = next().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, page.length);
          exchange.getResponseBody().write(page);
          exchange.close();
        });
    server.start();
    metrics = new Metrics(List.of("http://127.0.0.1:" + server.getAddress().getPort()));
  }

  @AfterEach
  void stop() {
    metrics.close();
    server.stop(0);
  }

  private synchronized String next() {
    return pages.size() > 1 ? pages.removeFirst() : pages.getFirst();
  }

  private synchronized void page(int accepted, int projected, int duplicates) {
    pages.add(
        """
        tidegate_ingestion_events_total{outcome="accepted"} %d
        tidegate_projection_events_total{outcome="projected"} %d
        tidegate_projection_events_total{outcome="duplicate"} %d
        """
            .formatted(accepted, projected, duplicates));
  }

  private EventBooks open() throws IOException, InterruptedException {
    return EventBooks.open(metrics, Duration.ofSeconds(30), left -> {});
  }

  @Test
  void whatWasSentBeforeIsWaitedForFirst() throws IOException, InterruptedException {
    page(100, 60, 0);
    pages.add(pages.removeLast() + "tidegate_projection_lag 40\n");
    page(100, 100, 0);
    pages.add(pages.removeLast() + "tidegate_projection_lag 0\n");
    page(150, 150, 0);
    List<Long> left = new ArrayList<>();
    EventBooks books = EventBooks.open(metrics, Duration.ofSeconds(30), left::add);
    assertThat(left).containsExactly(40L);
    assertThat(books.close(Duration.ofSeconds(30), ignored -> {}))
        .isEqualTo(new Balance(50, 50, 0, 0, 0));
  }

  @Test
  void theProjectionIsWaitedFor() throws IOException, InterruptedException {
    page(100, 90, 0);
    page(150, 120, 0);
    page(150, 130, 10);
    List<Long> left = new ArrayList<>();
    Balance balance = open().close(Duration.ofSeconds(30), left::add);
    assertThat(balance).isEqualTo(new Balance(50, 40, 10, 0, 0));
    assertThat(balance.nothingLost(40).outcome()).isEqualTo(Outcome.PASS);
    assertThat(left).containsExactly(20L);
  }

  @Test
  void nodesThatNobodySentAnythingTellNothing() throws IOException, InterruptedException {
    page(100, 100, 0);
    Balance balance = open().close(Duration.ofMillis(100), left -> {});
    assertThat(balance.nothingLost(0).outcome()).isEqualTo(Outcome.UNKNOWN);
  }

  @Test
  void anEventThatNeverComesIsLost() throws IOException, InterruptedException {
    page(0, 0, 0);
    page(50, 49, 0);
    Balance balance = open().close(Duration.ofMillis(100), left -> {});
    assertThat(balance.nothingLost(50).outcome()).isEqualTo(Outcome.FAIL);
    assertThat(balance.nothingLost(50).text())
        .contains("50 acknowledged (clients know of 50), 49 projected");
  }

  @Test
  void anotherOneThatComesTwiceDoesNotMakeUpForALostOne() throws IOException, InterruptedException {
    page(0, 0, 0);
    page(50, 49, 1);
    Balance balance = open().close(Duration.ofMillis(100), left -> {});
    assertThat(balance.nothingLost(50).outcome()).isEqualTo(Outcome.FAIL);
  }

  @Test
  void whatClientsWereToldCountsAlsoWhereTheNodesDoNotKnowOfIt()
      throws IOException, InterruptedException {
    page(0, 0, 0);
    page(49, 49, 0);
    Balance balance = open().close(Duration.ofMillis(100), left -> {});
    assertThat(balance.nothingLost(50).outcome()).isEqualTo(Outcome.FAIL);
  }
}
