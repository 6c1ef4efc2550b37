package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.segment.analytics.Analytics;
import com.segment.analytics.Callback;
import com.segment.analytics.messages.AliasMessage;
import com.segment.analytics.messages.GroupMessage;
import com.segment.analytics.messages.IdentifyMessage;
import com.segment.analytics.messages.Message;
import com.segment.analytics.messages.PageMessage;
import com.segment.analytics.messages.ScreenMessage;
import com.segment.analytics.messages.TrackMessage;
import io.tidegate.devstack.Await;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Segment's own SDKs, unmodified, pointed at a node: every event arrives, and counts. */
class SegmentSdkIT {
  private static final int ORDERS = 300;
  private static final Path NODE_SDK = Path.of("src/test/sdk-node");

  private static RunningNode node;

  @BeforeAll
  static void start() {
    node = RunningNode.onSharedServers();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void theJavaSdk() {
    String user = "java-sdk";
    Deliveries deliveries = new Deliveries();
    Analytics analytics =
        Analytics.builder("dev").endpoint(node.url()).callback(deliveries).build();
    try {
      String visitor = "visitor-of-" + user;
      analytics.enqueue(
          TrackMessage.builder("Product Viewed")
              .anonymousId(visitor)
              .properties(Map.of("productId", "1")));
      analytics.enqueue(
          IdentifyMessage.builder()
              .userId(user)
              .traits(Map.of("name", "Ada", "email", user + "@example.com")));
      analytics.enqueue(AliasMessage.builder(visitor).userId(user));
      analytics.enqueue(PageMessage.builder("Home").userId(user));
      analytics.enqueue(ScreenMessage.builder("Home").userId(user));
      analytics.enqueue(GroupMessage.builder("team-1").userId(user).traits(Map.of("plan", "gold")));
      for (int i = 0; i < ORDERS; i++) {
        analytics.enqueue(
            TrackMessage.builder("Order Completed")
                .userId(user)
                .properties(Map.of("orderId", i, "total", 9.9)));
      }
      analytics.flush();
      Await.until(
          "all is delivered", Duration.ofSeconds(30), () -> deliveries.settled() == ORDERS + 6);
    } finally {
      analytics.shutdown();
    }
    assertThat(deliveries.failures).isEmpty();
    assertEveryEventCounts(user);
  }

  @Test
  void theNodeSdk(@TempDir Path directory) throws Exception {
    install(directory);
    String user = "node-sdk";
    Ended sent =
        run(directory, "node", "send.mjs", node.url(), "dev", user, Integer.toString(ORDERS));
    assertThat(sent.code()).as(sent.output()).isZero();
    assertThat(sent.output().lines().toList().getLast()).isEqualTo(Integer.toString(ORDERS + 6));
    assertEveryEventCounts(user);
  }

  @Test
  void theBrowserSdk(@TempDir Path directory) throws Exception {
    install(directory);
    String user = "browser-sdk";
    Ended sent = run(directory, "node", "send-browser.mjs", node.url(), "dev", user, "20");
    assertThat(sent.code()).as(sent.output()).isZero();
    assertThat(sent.output().lines().toList().getLast()).isEqualTo("23");
    JsonObject profile =
        awaitCounts(user, Map.of("Order Completed", 20, "Product Viewed", 1, "Page Viewed", 1));
    assertThat(profile.getInteger("purchases")).isEqualTo(20);
    assertThat(profile.getJsonObject("traits").getString("name")).isEqualTo("Ada");
  }

  private static void install(Path directory) throws IOException, InterruptedException {
    assumeTrue(version("node") >= 20, "needs Node.js 20 or newer on the PATH");
    assumeTrue(version("npm") > 0, "needs npm on the PATH");
    try (Stream<Path> files = Files.list(NODE_SDK)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, directory.resolve(file.getFileName()));
      }
    }
    Ended installed = run(directory, "npm", "ci", "--prefer-offline", "--no-progress");
    boolean unreachable =
        Stream.of("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT")
            .anyMatch(installed.output()::contains);
    assumeTrue(installed.code() == 0 || !unreachable, "needs a package registry for npm ci");
    assertThat(installed.code()).as(installed.output()).isZero();
  }

  /**
   * What the SDKs for browsers send: one event a request, by the type's first letter, as plain
   * text.
   */
  @Test
  void theBrowsersForm() {
    for (String key : List.of("dev", "stolen")) {
      var answer =
          RunningNode.send(
              node.request("/v1/t")
                  .header("Content-Type", "text/plain")
                  .header("Origin", "https://shop.example.com")
                  .POST(
                      BodyPublishers.ofString(
                          "{\"userId\":\"browser\",\"event\":\"Product Viewed\",\"writeKey\":\"%s\"}"
                              .formatted(key))));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(key.equals("dev") ? 200 : 401);
      assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).isPresent();
    }
    awaitCounts("browser", Map.of("Product Viewed", 1));
  }

  /** What the SDKs for Android and iOS send: zipped batches, in chunks, the write key inside. */
  @Test
  void theMobileForm() throws IOException {
    String batch =
        """
        {"batch":[
          {"type":"track","userId":"mobile","event":"Application Opened","messageId":"mobile-1"},
          {"type":"screen","userId":"mobile","name":"Home","messageId":"mobile-2"}],
         "sentAt":"2026-06-18T12:00:00Z","writeKey":"dev"}""";
    byte[] zipped = zipped(batch);
    var answer =
        RunningNode.send(
            node.request("/v1/b")
                .header("Content-Type", "text/plain")
                .header("Content-Encoding", "gzip")
                .POST(BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(zipped))));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    awaitCounts("mobile", Map.of("Application Opened", 1, "Screen Viewed", 1));
  }

  private static byte[] zipped(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static void assertEveryEventCounts(String user) {
    JsonObject profile =
        awaitCounts(
            user,
            Map.of(
                "Order Completed",
                ORDERS,
                "Product Viewed",
                1,
                "Page Viewed",
                1,
                "Screen Viewed",
                1));
    assertThat(profile.getInteger("purchases")).isEqualTo(ORDERS);
    assertThat(profile.getJsonObject("traits").getString("email")).isEqualTo(user + "@example.com");
    assertThat(profile.getJsonArray("anonymousIds")).containsExactly("visitor-of-" + user);
  }

  private static JsonObject awaitCounts(String user, Map<String, Integer> counts) {
    String token = node.token("auditor", "supervisor");
    List<JsonObject> seen = new ArrayList<>();
    Await.until(
        "the counts of " + user + " are " + counts,
        Duration.ofSeconds(30),
        () -> {
          var answer = node.get("/v1/customers/" + user + "/profile", token);
          if (answer.statusCode() != 200) {
            return false;
          }
          seen.add(new JsonObject(answer.body()));
          return seen.getLast().getJsonObject("counts").getMap().equals(counts);
        });
    return seen.getLast();
  }

  /** The SDK's own account of what was delivered. */
  private static final class Deliveries implements Callback {
    private final AtomicInteger succeeded = new AtomicInteger();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();

    @Override
    public void success(Message message) {
      succeeded.incrementAndGet();
    }

    @Override
    public void failure(Message message, Throwable cause) {
      failures.add(message.type() + ": " + cause);
    }

    int settled() {
      return succeeded.get() + failures.size();
    }
  }

  private record Ended(int code, String output) {}

  /** The major version that a command reports; 0 when there is no such command. */
  private static int version(String command) throws InterruptedException {
    try {
      var version =
          Pattern.compile("^v?([0-9]+)\\.[0-9]+\\.", Pattern.MULTILINE)
              .matcher(run(Path.of("."), command, "--version").output());
      return version.find() ? Integer.parseInt(version.group(1)) : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  private static Ended run(Path directory, String... command)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile("sdk", ".txt");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as(String.join(" ", command)).isTrue();
      return new Ended(process.exitValue(), Files.readString(output));
    } finally {
      process.destroyForcibly();
      Files.delete(output);
    }
  }
}
