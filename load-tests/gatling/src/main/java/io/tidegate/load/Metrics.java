package io.tidegate.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the nodes under test tell at their management ports, summed over the nodes. */
final class Metrics implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(LIMIT).build();
  private final ObjectMapper json = new ObjectMapper();
  private final List<String> nodes;

  /**
   * @param management the management ports, {@code http://host:port}
   */
  Metrics(List<String> management) {
    this.nodes = List.copyOf(management);
  }

  /** Metrics at one moment, by name and tags as Prometheus writes them. */
  record Sample(Map<String, Double> values) {
    /** The sum over all tags of a metric that contain this text. */
    double sum(String name, String tag) {
      return values.entrySet().stream()
          .filter(entry -> named(entry.getKey(), name) && entry.getKey().contains(tag))
          .mapToDouble(Map.Entry::getValue)
          .sum();
    }

    private static boolean named(String key, String name) {
      return key.startsWith(name)
          && (key.length() == name.length() || key.charAt(name.length()) == '{');
    }
  }

  /**
   * All metrics now.
   *
   * @throws IOException when a node's can't be had
   */
  Sample read() throws IOException, InterruptedException {
    Map<String, Double> values = new HashMap<>();
    for (String node : nodes) {
      String page = ask(HttpRequest.newBuilder(URI.create(node + "/metrics")));
      parse(page).forEach((key, value) -> values.merge(key, value, Double::sum));
    }
    return new Sample(values);
  }

  /**
   * Has the nodes collect their garbage, and tells what is left of it: {@code live}, and {@code
   * beside_heap} where all of them know that ({@code POST /memory}).
   *
   * @throws IOException when a node's can't be had
   */
  Sample collect() throws IOException, InterruptedException {
    double live = 0;
    double beside = 0;
    for (String node : nodes) {
      JsonNode kept =
          json.readTree(
              ask(
                  HttpRequest.newBuilder(URI.create(node + "/memory"))
                      .POST(BodyPublishers.noBody())));
      if (!kept.path("live").isNumber()) {
        throw new IOException(node + "/memory: no live (expected: bytes; " + kept + ")");
      }
      live += kept.path("live").asDouble();
      beside += kept.path("beside_heap").asDouble(Double.NaN);
    }
    return new Sample(
        Double.isNaN(beside) ? Map.of("live", live) : Map.of("live", live, "beside_heap", beside));
  }

  private String ask(HttpRequest.Builder builder) throws IOException, InterruptedException {
    HttpRequest request = builder.timeout(LIMIT).build();
    HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(
          request.uri() + " answered " + answer.statusCode() + " (expected: 200)");
    }
    return answer.body();
  }

  /** Prometheus's text format, 0.0.4. */
  static Map<String, Double> parse(String text) {
    Map<String, Double> values = new HashMap<>();
    for (String line : text.split("\n", -1)) {
      int space = line.lastIndexOf(' ');
      if (!line.startsWith("#") && space > 0) {
        try {
          values.merge(
              line.substring(0, space), Double.valueOf(line.substring(space + 1)), Double::sum);
        } catch (NumberFormatException e) {
          // Not a sample; Prometheus would skip it too.
        }
      }
    }
    return values;
  }

  @Override
  public void close() {
    client.close();
  }
}
