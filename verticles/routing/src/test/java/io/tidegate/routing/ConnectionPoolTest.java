package io.tidegate.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many connections are opened for those who wait; what they carry is in ConnectionsIT. */
class ConnectionPoolTest {
  private final Vertx vertx = Vertx.vertx();
  private final ContextInternal loop = (ContextInternal) vertx.getOrCreateContext();
  private final List<Promise<NetSocket>> opening = new ArrayList<>();
  private final List<Throwable> refused = new ArrayList<>();
  private final ConnectionPool pool =
      new ConnectionPool(
          new ConnectionPool.Bounds(20, 100, 8192, Duration.ofMinutes(1).toNanos()),
          () -> {
            Promise<NetSocket> connecting = Promise.promise();
            opening.add(connecting);
            return connecting.future();
          });
  private final ConnectionPool.Taker taker =
      new ConnectionPool.Taker() {
        @Override
        public void connected(UpstreamCall call) {
          throw new AssertionError("nothing was opened");
        }

        @Override
        public void notConnected(Throwable cause) {
          refused.add(cause);
        }
      };

  @AfterEach
  void close() {
    vertx.close().await();
  }

  private <T> T onLoop(Callable<T> work) throws Exception {
    Promise<T> done = Promise.promise();
    loop.runOnContext(
        turn -> {
          try {
            done.complete(work.call());
          } catch (Exception e) {
            done.fail(e);
          }
        });
    return done.future().await(5, TimeUnit.SECONDS);
  }

  private ConnectionPool.Ticket take() {
    return Objects.requireNonNull(pool.take(loop, taker), "nothing to wait for");
  }

  @Test
  void aCrowdIsNotGivenOneEach() throws Exception {
    onLoop(
        () -> {
          for (int i = 0; i < 50; i++) {
            take();
          }
          return 50;
        });
    assertThat(onLoop(opening::size)).isEqualTo(8);
    assertThat(pool.open()).isEqualTo(8);
    assertThat(pool.waiting()).isEqualTo(50);
  }

  @Test
  void theLineIsNoLongerForThoseThatWereNotOpenedYet() throws Exception {
    ConnectionPool.Ticket last =
        onLoop(
            () -> {
              for (int i = 0; i < 119; i++) {
                take();
              }
              return take();
            });
    assertThat(pool.isBehind(last)).as("20 may be open, 119 are before it").isTrue();
    assertThat(onLoop(() -> pool.take(loop, taker) == null)).isTrue();
    assertThat(onLoop(() -> refused.getFirst())).hasMessage("connections: 20 in use, 100 waiting");
  }

  @Test
  void oneThatFailsIsFollowedByAnother() throws Exception {
    ConnectionPool.Ticket last =
        onLoop(
            () -> {
              for (int i = 0; i < 11; i++) {
                take();
              }
              return take();
            });
    for (int i = 0; i < 12; i++) {
      assertThat(onLoop(opening::size)).isEqualTo(Math.min(8 + i, 12));
      assertThat(pool.isBehind(last)).as("there is room: the endpoint is slow").isFalse();
      opening.get(i).fail("no");
    }
    assertThat(onLoop(refused::size)).isEqualTo(12);
    assertThat(pool.open()).isZero();
    assertThat(pool.waiting()).isZero();
  }
}
