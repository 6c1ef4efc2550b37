package io.tidegate.load;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The metrics of the nodes under test, from their management ports; summed over the nodes. */
final class Metrics implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(LIMIT).build();
  private final List<URI> pages;

  /**
   * @param management the management ports, {@code http://host:port}
   */
  Metrics(List<String> management) {
    this.pages = management.stream().map(each -> URI.create(each + "/metrics")).toList();
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
    for (URI page : pages) {
      HttpResponse<String> answer =
          client.send(HttpRequest.newBuilder(page).timeout(LIMIT).build(), BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IOException(page + " answered " + answer.statusCode() + " (expected: 200)");
      }
      parse(answer.body()).forEach((key, value) -> values.merge(key, value, Double::sum));
    }
    return new Sample(values);
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
