package io.tidegate.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * A view's bytes are written by many event loops at once, which Vert.x does not promise in its
 * documentation.
 */
class SharedBufferTest {
  @Test
  void oneBufferIsSentByManyLoopsAtOnceAndStaysWhole() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      Buffer shared = Buffer.buffer("{\"traits\":\"" + "0123456789".repeat(2_000) + "\"}");
      String expected = shared.toString();
      AtomicInteger port = new AtomicInteger();
      await(
          vertx.deployVerticle(
              () -> new Server(shared, port), new DeploymentOptions().setInstances(4)));
      HttpClientAgent client =
          vertx.createHttpClient(
              new HttpClientOptions().setDefaultHost("127.0.0.1").setDefaultPort(port.get()),
              new PoolOptions().setHttp1MaxSize(32).setEventLoopSize(4));
      List<Future<Buffer>> bodies = new ArrayList<>();
      for (int i = 0; i < 2_000; i++) {
        bodies.add(
            client
                .request(HttpMethod.GET, "/")
                .compose(request -> request.send().compose(response -> response.body())));
      }

      assertThat(await(Future.all(bodies)).<Buffer>list())
          .allMatch(body -> body.toString().equals(expected));
      assertThat(shared.toString()).isEqualTo(expected);
    } finally {
      await(vertx.close());
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  /** All listen on the port that the first one got, each on a loop of its own. */
  private static final class Server extends VerticleBase {
    private final Buffer body;
    private final AtomicInteger port;

    Server(Buffer body, AtomicInteger port) {
      this.body = body;
      this.port = port;
    }

    @Override
    public Future<?> start() {
      // A negative port is one that all instances share, chosen by the system.
      return vertx
          .createHttpServer()
          .requestHandler(request -> request.response().end(body))
          .listen(-1, "127.0.0.1")
          .onSuccess(server -> port.set(server.actualPort()));
    }
  }
}
