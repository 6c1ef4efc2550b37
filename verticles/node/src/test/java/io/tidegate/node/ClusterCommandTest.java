package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code cluster} prints for the pages that it meets. */
class ClusterCommandTest {
  private static final JsonArray ALL =
      new JsonArray(List.of("edge", "ingestion", "profile", "projection", "ratelimit", "routing"));
  private static final JsonArray ABLE =
      new JsonArray(List.of("ingestion", "profile", "ratelimit", "routing"));

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final AtomicInteger asked = new AtomicInteger();
  private HttpServer server;
  private volatile int status = 200;
  private volatile String page = "";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/cluster",
        exchange -> {
          asked.incrementAndGet();
          byte[] body = page.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void aRowForEachNodeAndWhyOneIsNotReady() {
    page =
        cluster(
            node("node-1", "live")
                .put("self", true)
                .put("partitions", new JsonArray(List.of(3, 0, 1, 2, 7)))
                .put("leases", 12),
            node("node-2", "live")
                .put("ready", false)
                .put("notReady", new JsonObject().put("kafka", "no broker answers"))
                .put("able", new JsonArray(List.of("profile", "routing")))
                .put("versions", new JsonObject().put("limits", 7).put("routes", 41)),
            node("node-3", "live")
                .put("version", "0.0.9")
                .put("roles", new JsonArray(List.of("edge")))
                .put("able", new JsonArray())
                .put("degraded", new JsonObject().put("limits", "each node grants its share")),
            node("node-4", "gone").put("silentMs", 125_000),
            new JsonObject()
                .put("name", "node-5-1234")
                .put("state", "new")
                .put("silentMs", 900)
                .put("self", false)
                .put("ready", false)
                .put("notReady", new JsonObject())
                .put("degraded", new JsonObject())
                .put("roles", new JsonArray())
                .put("able", new JsonArray())
                .put("version", "")
                .put("versions", new JsonObject())
                .put("ageSeconds", 0)
                .put("partitions", new JsonArray())
                .put("leases", 0)
                .put("management", ""));
    assertThat(run("cluster", "--url", url())).isZero();
    assertThat(out.toString())
        .isEqualTo(
            """
            cluster shop as node-1 sees it: 3 live, 1 silent

            NODE         STATE      READY     ROLES  ABLE             VERSION  LIMITS  ROUTES  AGE   PARTITIONS  LEASES  MANAGEMENT
            node-1       live       yes       all    all              0.1.0    7       42      1h2m  0-3,7       12      127.0.0.1:8081
            node-2       live       no        all    profile,routing  0.1.0    7       41*     1h2m  -           0       127.0.0.1:8081
            node-3       live       degraded  edge   -                0.0.9*   7       42      1h2m  -           0       127.0.0.1:8081
            node-4       gone 2m5s  -         all    all              0.1.0    7       42      -     -           0       127.0.0.1:8081
            node-5-1234  new 0s     -         -      -                -        -       -       -     -           -       -

            node-2 is not ready: kafka: no broker answers
            node-3 is degraded: limits: each node grants its share
            * older than another node's, or not what the others have
            """);
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void revisionsAreTimesAndContentsCount() {
    page =
        cluster(
            told("node-1", 1_795_322_498_825L, 5, 0x1234567),
            told("node-2", 1_795_322_498_825L, 4, 0x1234567),
            told("node-3", 1_795_322_400_000L, 9, 0x1234568));
    assertThat(run("cluster", "--url", url())).isZero();
    assertThat(out.toString())
        .contains("CONFIGURATION  ROUTES ")
        .containsPattern("node-1 .* 234567\\*  +2026-11-22T04:41:38Z  ")
        .containsPattern("node-2 .* 234567\\*  +2026-11-22T04:41:38Z\\*  ")
        .containsPattern("node-3 .* 234568\\*  +2026-11-22T04:40:00Z\\*  ");
  }

  private static JsonObject told(String name, long routes, long hash, long configuration) {
    return node(name, "live")
        .put(
            "versions",
            new JsonObject()
                .put("routes", routes)
                .put("routes.hash", hash)
                .put("configuration", configuration));
  }

  @Test
  void coloursAreForTerminals() {
    JsonObject told = new JsonObject(cluster(node("node-1", "live").put("ready", false)));
    assertThat(String.join("\n", new ClusterTable(told, true).lines()))
        .contains("\033[31mno\033[0m");
    assertThat(String.join("\n", new ClusterTable(told, false).lines())).doesNotContain("\033");
  }

  @Test
  void nobodyThereIsOneLine() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    assertThat(run("cluster", "--url", "127.0.0.1:" + free)).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("tidegate: nobody answers at http://127.0.0.1:" + free + "/cluster")
        .hasLineCount(1);
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void anotherProgramIsOneLine() {
    for (String other : List.of("<html>", "[]", "{}", "{\"nodes\":{}}", "{\"nodes\":[1]}", "")) {
      page = other;
      assertThat(run("cluster", "--url", url())).isEqualTo(1);
    }
    status = 404;
    assertThat(run("cluster", "--url", url())).isEqualTo(1);
    assertThat(err.toString().lines())
        .hasSize(7)
        .allMatch(line -> line.contains("is not a Tidegate's: status "));
  }

  @Test
  void anUrlThatIsNoneIsOneLine() {
    for (String wrong : List.of("http://", "ftp://x", "a b", "")) {
      assertThat(run("cluster", "--url", wrong)).isEqualTo(1);
    }
    assertThat(err.toString().lines()).hasSize(4).allMatch(line -> line.contains("--url: "));
  }

  @Test
  void watchingGoesOnWhileSomebodyReads() {
    page = "none";
    Writer reader =
        new Writer() {
          @Override
          public void write(char[] characters, int from, int length) throws IOException {
            out.write(characters, from, length);
            page = cluster(node("node-1", "live"));
            if (asked.get() > 1) {
              throw new IOException("closed");
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    int code =
        Tidegate.commandLine()
            .setOut(new PrintWriter(reader))
            .setErr(new PrintWriter(err))
            .execute("cluster", "--watch", "--url", url());
    assertThat(code).isZero();
    assertThat(asked).hasValue(2);
    assertThat(out.toString()).contains("is not a Tidegate's", "cluster shop as");
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private static String cluster(JsonObject... nodes) {
    return new JsonObject()
        .put("cluster", "shop")
        .put("live", 3)
        .put("silent", 1)
        .put("nodes", new JsonArray(List.of(nodes)))
        .encode();
  }

  private static JsonObject node(String name, String state) {
    return new JsonObject()
        .put("name", name)
        .put("id", name + "-1234")
        .put("state", state)
        .put("self", false)
        .put("ready", true)
        .put("notReady", new JsonObject())
        .put("degraded", new JsonObject())
        .put("roles", ALL)
        .put("able", ABLE)
        .put("version", "0.1.0")
        .put("versions", new JsonObject().put("limits", 7).put("routes", 42))
        .put("ageSeconds", 3_725)
        .put("partitions", new JsonArray())
        .put("leases", 0)
        .put("management", "127.0.0.1:8081");
  }

  private int run(String... arguments) {
    return Tidegate.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }
}
