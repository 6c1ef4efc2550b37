package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.vertx.core.json.JsonObject;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ProblemsTest {
  @ParameterizedTest
  @CsvSource({
    "BAD_REQUEST,400,INVALID_ARGUMENT",
    "INVALID_EVENT,400,INVALID_ARGUMENT",
    "INVALID_TOKEN,401,UNAUTHENTICATED",
    "UNAUTHENTICATED,401,UNAUTHENTICATED",
    "UNKNOWN_WRITE_KEY,401,UNAUTHENTICATED",
    "FORBIDDEN,403,PERMISSION_DENIED",
    "NOT_FOUND,404,NOT_FOUND",
    "NO_ROUTE,404,UNIMPLEMENTED",
    "METHOD_NOT_ALLOWED,405,UNIMPLEMENTED",
    "REQUEST_TIMEOUT,408,DEADLINE_EXCEEDED",
    "PAYLOAD_TOO_LARGE,413,RESOURCE_EXHAUSTED",
    "URI_TOO_LONG,414,RESOURCE_EXHAUSTED",
    "UNSUPPORTED_MEDIA_TYPE,415,INVALID_ARGUMENT",
    "RATE_LIMITED,429,RESOURCE_EXHAUSTED",
    "HEADERS_TOO_LARGE,431,RESOURCE_EXHAUSTED",
    "CLIENT_CLOSED,499,CANCELLED",
    "INTERNAL,500,INTERNAL",
    "UPSTREAM_REFUSED,502,UNAVAILABLE",
    "UPSTREAM_FAILED,502,UNAVAILABLE",
    "OVERLOADED,503,UNAVAILABLE",
    "DRAINING,503,UNAVAILABLE",
    "LOG_UNAVAILABLE,503,UNAVAILABLE",
    "STORE_UNAVAILABLE,503,UNAVAILABLE",
    "ROLE_UNAVAILABLE,503,UNAVAILABLE",
    "KEYS_UNAVAILABLE,503,UNAVAILABLE",
    "BREAKER_OPEN,503,UNAVAILABLE",
    "NO_ENDPOINT,503,UNAVAILABLE",
    "BUS_TIMEOUT,503,UNAVAILABLE",
    "UPSTREAM_TIMEOUT,504,DEADLINE_EXCEEDED"
  })
  void statuses(Failure failure, int http, GrpcStatus grpc) {
    assertThat(Problems.status(failure)).isEqualTo(http);
    assertThat(Problems.grpcStatus(failure)).isEqualTo(grpc);
  }

  @ParameterizedTest
  @EnumSource(Failure.class)
  void everyFailureHasADocument(Failure failure) {
    JsonObject problem =
        Problems.document(failure.because("x: 1 (expected: 2)"), "req-1").toJsonObject();
    assertThat(problem.getString("type")).matches("urn:tidegate:problem:[a-z-]+");
    assertThat(problem.getString("title")).isNotBlank();
    assertThat(problem.getInteger("status")).isEqualTo(Problems.status(failure));
    assertThat(problem.getString("instance")).isEqualTo("req-1");
    assertThat(problem.getInteger("code")).isEqualTo(failure.code());
    boolean overload = Problems.status(failure) == 503 || Problems.status(failure) == 429;
    assertThat(Problems.retryAfter(failure.because("x")) != null).isEqualTo(overload);
    assertThat(Problems.challenge(failure.because("x")) != null)
        .isEqualTo(Problems.status(failure) == 401);
  }

  @Test
  void typesDiffer() {
    Set<String> slugs = new HashSet<>();
    for (Failure failure : Failure.values()) {
      assertThat(slugs.add(Problems.slug(failure))).isTrue();
    }
  }

  @Test
  void membersGoIntoTheDocumentButReplaceNothing() {
    JsonObject problem =
        Problems.document(
                Failure.INVALID_EVENT.because("m").with("index", 3).with("status", 200), "r")
            .toJsonObject();
    assertThat(problem.getInteger("index")).isEqualTo(3);
    assertThat(problem.getInteger("status")).isEqualTo(400);
  }

  @Test
  void anUnexpectedFailureKeepsItsMessageInside() {
    FailureException e = FailureException.of(new IllegalStateException("jdbc password s3cret"));
    assertThat(Problems.document(e, "r").toString()).doesNotContain("s3cret");
    assertThat(Problems.grpcMessage(e)).doesNotContain("s3cret");
  }

  @Test
  void aKnownRetryAfterWins() {
    FailureException e = new FailureException(Failure.LOG_UNAVAILABLE, "x", Duration.ofSeconds(7));
    assertThat(Problems.retryAfter(e)).isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void headersCannotBeBrokenOutOf() {
    String challenge =
        Problems.challenge(Failure.INVALID_TOKEN.because("kid: \"a\\\r\nX: y\u00e4"));
    assertThat(challenge).endsWith("error_description=\"kid: 'a'??X: y?\"");
    assertThat(Problems.grpcMessage(Failure.BAD_REQUEST.because("50% ä\n")))
        .isEqualTo("50%25 %C3%A4%0A");
  }
}
