package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.edge.RawClient.Answer;
import io.tidegate.edge.auth.TestTokens;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Profiles over HTTP: who may read, look up and erase them, and what is answered. */
class CustomersIT {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static TestEdge edge;

  @BeforeAll
  static void start() {
    edge = new TestEdge(Map.of());
  }

  @AfterAll
  static void stop() {
    edge.close();
  }

  @Test
  void readsAProfileAndTellsTheCache() throws Exception {
    HttpRequest request = profile("42", TestEdge.bearer("42", "customer")).build();
    send(request);
    HttpResponse<String> answer = send(request);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(edge.profiles.get("42"));
    assertThat(header(answer, "cache-status")).isEqualTo("tidegate; hit; detail=process");
    assertThat(header(answer, "cache-control")).isEqualTo("private, no-cache");
    String etag = header(answer, "etag");
    HttpResponse<String> again =
        send(profile("42", TestEdge.bearer("7", "agent")).header("if-none-match", etag).build());
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(header(again, "etag")).isEqualTo(etag);
  }

  @Test
  void headOfAProfileHasItsLengthAndNoBody() throws Exception {
    try (RawClient raw = edge.raw()) {
      Answer head =
          raw.send(
                  "HEAD /v1/customers/42/profile HTTP/1.1\r\nHost: x\r\nAuthorization: "
                      + TestEdge.bearer("42", "customer")
                      + "\r\n\r\n")
              .readHead();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("content-length"))
          .isEqualTo(Integer.toString(edge.profiles.get("42").length()));
      assertThat(raw.send("OPTIONS /v1/track HTTP/1.1\r\nHost: x\r\n\r\n").read().status())
          .isEqualTo(204);
    }
  }

  @Test
  void nobodyIsNotFound() throws Exception {
    HttpResponse<String> answer =
        send(profile("nobody%2Fhere", TestEdge.bearer("a", "admin")).build());
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(new JsonObject(answer.body()).getString("detail")).contains("nobody/here");
  }

  @Test
  void aCustomerReadsOnlyItself() throws Exception {
    assertThat(send(profile("42", TestEdge.bearer("43", "customer")).build()).statusCode())
        .isEqualTo(403);
    for (String role : List.of("agent", "supervisor", "admin")) {
      assertThat(send(profile("42", TestEdge.bearer("43", role)).build()).statusCode())
          .isEqualTo(200);
    }
    assertThat(send(profile("42", TestEdge.bearer("42", "root")).build()).statusCode())
        .isEqualTo(403);
  }

  @Test
  void aTokenThatIsNotValidSaysWhy() throws Exception {
    JwtClaims expired = TestTokens.claims("42", "agent");
    expired.setExpirationTime(NumericDate.fromSeconds(1_000_000_000));
    HttpResponse<String> answer =
        send(profile("42", "Bearer " + TestTokens.sign(TestEdge.ISSUER.ec, expired)).build());
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(header(answer, "www-authenticate"))
        .startsWith(
            "Bearer realm=\"tidegate\", error=\"invalid_token\", error_description=\"expired at 1000000000");
    HttpResponse<String> none =
        send(HttpRequest.newBuilder(edge.uri("/v1/customers/42/profile")).build());
    assertThat(none.statusCode()).isEqualTo(401);
    assertThat(header(none, "www-authenticate")).isEqualTo("Bearer realm=\"tidegate\"");
  }

  @Test
  void looksUpMany() throws Exception {
    edge.profiles.put("a\"b", "{\"id\":\"q\"}");
    HttpResponse<String> answer = lookup("{\"ids\":[\"42\",\"no\\\"body\",\"a\\\"b\"]}", "agent");
    assertThat(answer.statusCode()).isEqualTo(200);
    JsonObject found = new JsonObject(answer.body());
    assertThat(found.getJsonArray("profiles").size()).isEqualTo(2);
    assertThat(found.getJsonArray("missing").getString(0)).isEqualTo("no\"body");
    assertThat(lookup("{\"ids\":[]}", "agent").body())
        .isEqualTo("{\"profiles\":[],\"missing\":[]}");
    assertThat(lookup("{\"ids\":[\"43\"]}", "customer").statusCode()).isEqualTo(403);
    assertThat(lookup("{\"ids\":[\"42\"]}", "customer").statusCode()).isEqualTo(200);
    assertThat(lookup("{\"ids\":7}", "agent").statusCode()).isEqualTo(400);
    assertThat(lookup("{\"ids\":[\"" + "x".repeat(70_000) + "\"]}", "agent").statusCode())
        .isEqualTo(413);
  }

  @Test
  void erasesForSupervisorsAndAdmins() throws Exception {
    edge.profiles.put("gone", "{}");
    assertThat(erase("gone", "agent").statusCode()).isEqualTo(403);
    assertThat(erase("gone", "customer").statusCode()).isEqualTo(403);
    assertThat(erase("gone", "supervisor").statusCode()).isEqualTo(204);
    assertThat(erase("gone", "admin").statusCode()).isEqualTo(404);
    edge.profiles.put("gone", "{}");
    assertThat(erase("gone/profile", "agent").statusCode()).isEqualTo(403);
    assertThat(erase("gone/profile", "supervisor").statusCode()).isEqualTo(204);
    assertThat(edge.profiles).doesNotContainKey("gone");
  }

  private static HttpRequest.Builder profile(String id, String authorization) {
    return HttpRequest.newBuilder(edge.uri("/v1/customers/" + id + "/profile"))
        .header("authorization", authorization);
  }

  private static HttpResponse<String> erase(String id, String role) throws Exception {
    return send(
        HttpRequest.newBuilder(edge.uri("/v1/customers/" + id))
            .header("authorization", TestEdge.bearer(id, role))
            .DELETE()
            .build());
  }

  private static HttpResponse<String> lookup(String body, String role) throws Exception {
    return send(
        HttpRequest.newBuilder(edge.uri("/v1/customers:lookup"))
            .header("authorization", TestEdge.bearer("42", role))
            .POST(BodyPublishers.ofString(body))
            .build());
  }

  private static HttpResponse<String> send(HttpRequest request)
      throws IOException, InterruptedException {
    return HTTP.send(request, BodyHandlers.ofString());
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse(null);
  }
}
