package io.tidegate.load;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;

/** What every node is asked before the load, so that a wrong address or key ends in one line. */
final class Preflight implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(LIMIT).build();

  /** An empty batch tells whether anyone is there, and whether the write key is believed. */
  void ingestion(List<String> urls, Stage stage) throws InterruptedException {
    for (String url : urls) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(url + "/v1/batch"))
              .timeout(LIMIT)
              .POST(BodyPublishers.ofString("{\"batch\":[]}"));
      stage.eventHeaders().forEach(request::header);
      int status = status(url, request.build());
      if (status == 401 || status == 403) {
        throw new LoadFailure(url + ": the write key was refused (" + status + ")");
      }
      if (status == 404 || status == 405) {
        throw new LoadFailure(url + ": no ingestion API there (" + status + ")");
      }
    }
  }

  /** Whether tokens are believed. */
  void tokens(List<String> urls, Stage stage) throws InterruptedException {
    for (String url : urls) {
      int status = profile(url, stage, 1);
      if (status == 401 || status == 403) {
        throw new LoadFailure(url + ": the token was refused for profile reads (" + status + ")");
      }
    }
  }

  /** Whether the last of the customers is known; then all are. */
  boolean isSeeded(List<String> urls, Stage stage, int customers) throws InterruptedException {
    return profile(urls.getFirst(), stage, customers) == 200;
  }

  /** Needs all of the customers. */
  void seeded(List<String> urls, Stage stage, int customers) throws InterruptedException {
    int status = profile(urls.getFirst(), stage, customers);
    if (status == 404) {
      throw new LoadFailure(
          "customer %s is not known (expected: %,d of them; run: ./tidegate load seed --customers %d)"
              .formatted(Customers.id(customers), customers, customers));
    }
    if (status != 200) {
      throw new LoadFailure(
          "%s: the profile of customer %s was refused (%d)"
              .formatted(urls.getFirst(), Customers.id(customers), status));
    }
  }

  private int profile(String url, Stage stage, int rank) throws InterruptedException {
    return status(
        url,
        HttpRequest.newBuilder(URI.create(url + "/v1/customers/" + Customers.id(rank) + "/profile"))
            .timeout(LIMIT)
            .header("Authorization", stage.customers().anyAgent())
            .build());
  }

  private int status(String url, HttpRequest request) throws InterruptedException {
    try {
      return client.send(request, BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      throw new LoadFailure(url + ": " + reason(e) + " (is the node running?)");
    }
  }

  /** In a few words. */
  static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  @Override
  public void close() {
    client.close();
  }
}
