package io.tidegate.edge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What callers see of a failure: the one place that maps each {@link Failure} to an HTTP status, a
 * problem document (<a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a>) and a gRPC
 * status.
 */
final class Problems {
  static final String CONTENT_TYPE = "application/problem+json";

  private static final String TYPE_PREFIX = "urn:tidegate:problem:";
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final ObjectMapper JSON = new ObjectMapper();

  private Problems() {}

  /** The HTTP status code. */
  static int status(Failure failure) {
    return switch (failure) {
      case BAD_REQUEST, INVALID_EVENT -> 400;
      case INVALID_TOKEN, UNAUTHENTICATED, UNKNOWN_WRITE_KEY -> 401;
      case FORBIDDEN -> 403;
      case NOT_FOUND, NO_ROUTE -> 404;
      case METHOD_NOT_ALLOWED -> 405;
      case REQUEST_TIMEOUT -> 408;
      case PAYLOAD_TOO_LARGE -> 413;
      case URI_TOO_LONG -> 414;
      case UNSUPPORTED_MEDIA_TYPE -> 415;
      case RATE_LIMITED -> 429;
      case HEADERS_TOO_LARGE -> 431;
      case CLIENT_CLOSED -> 499; // for metrics and logs: nobody is there to read it
      case INTERNAL -> 500;
      case UPSTREAM_REFUSED, UPSTREAM_FAILED -> 502;
      case OVERLOADED,
          DRAINING,
          LOG_UNAVAILABLE,
          STORE_UNAVAILABLE,
          ROLE_UNAVAILABLE,
          KEYS_UNAVAILABLE,
          BREAKER_OPEN,
          NO_ENDPOINT,
          BUS_TIMEOUT ->
          503;
      case UPSTREAM_TIMEOUT -> 504;
    };
  }

  /** The gRPC status. */
  static GrpcStatus grpcStatus(Failure failure) {
    return switch (failure) {
      case BAD_REQUEST, INVALID_EVENT, UNSUPPORTED_MEDIA_TYPE -> GrpcStatus.INVALID_ARGUMENT;
      case INVALID_TOKEN, UNAUTHENTICATED, UNKNOWN_WRITE_KEY -> GrpcStatus.UNAUTHENTICATED;
      case FORBIDDEN -> GrpcStatus.PERMISSION_DENIED;
      case NOT_FOUND -> GrpcStatus.NOT_FOUND;
      case NO_ROUTE, METHOD_NOT_ALLOWED -> GrpcStatus.UNIMPLEMENTED;
      case REQUEST_TIMEOUT, UPSTREAM_TIMEOUT -> GrpcStatus.DEADLINE_EXCEEDED;
      case PAYLOAD_TOO_LARGE, URI_TOO_LONG, HEADERS_TOO_LARGE, RATE_LIMITED ->
          GrpcStatus.RESOURCE_EXHAUSTED;
      case CLIENT_CLOSED -> GrpcStatus.CANCELLED;
      case INTERNAL -> GrpcStatus.INTERNAL;
      case OVERLOADED,
          DRAINING,
          LOG_UNAVAILABLE,
          STORE_UNAVAILABLE,
          ROLE_UNAVAILABLE,
          KEYS_UNAVAILABLE,
          UPSTREAM_REFUSED,
          UPSTREAM_FAILED,
          BREAKER_OPEN,
          NO_ENDPOINT,
          BUS_TIMEOUT ->
          GrpcStatus.UNAVAILABLE;
    };
  }

  /** Short and the same for every occurrence. */
  static String title(Failure failure) {
    return switch (failure) {
      case BAD_REQUEST -> "The request cannot be understood";
      case INVALID_EVENT -> "An event is not valid";
      case INVALID_TOKEN -> "The token is not valid";
      case UNAUTHENTICATED -> "A token is needed";
      case UNKNOWN_WRITE_KEY -> "A known write key is needed";
      case FORBIDDEN -> "Not allowed for this caller";
      case NOT_FOUND -> "Not found";
      case NO_ROUTE -> "No route for this request";
      case METHOD_NOT_ALLOWED -> "The method is not allowed here";
      case REQUEST_TIMEOUT -> "The request did not arrive in time";
      case PAYLOAD_TOO_LARGE -> "The body is too large";
      case URI_TOO_LONG -> "The URI is too long";
      case UNSUPPORTED_MEDIA_TYPE -> "The body's type or encoding is not supported";
      case HEADERS_TOO_LARGE -> "The header fields are too large";
      case CLIENT_CLOSED -> "The client went away";
      case RATE_LIMITED -> "Too many requests";
      case OVERLOADED -> "Overloaded";
      case DRAINING -> "This node is stopping";
      case LOG_UNAVAILABLE -> "Events cannot be taken right now";
      case STORE_UNAVAILABLE -> "Profiles cannot be read right now";
      case ROLE_UNAVAILABLE -> "Nobody serves this right now";
      case KEYS_UNAVAILABLE -> "Tokens cannot be verified right now";
      case UPSTREAM_REFUSED -> "The upstream refused the connection";
      case UPSTREAM_TIMEOUT -> "The upstream did not answer in time";
      case UPSTREAM_FAILED -> "The upstream failed";
      case BREAKER_OPEN -> "The upstream fails too often; its breaker is open";
      case NO_ENDPOINT -> "The upstream has no healthy endpoint";
      case INTERNAL -> "The gateway failed";
      case BUS_TIMEOUT -> "The gateway did not answer itself in time";
    };
  }

  /**
   * {@code no-route} and the like: the last part of the type URI, and the document's {@code code}.
   */
  static String slug(Failure failure) {
    return failure.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What the caller may know of this occurrence; an unexpected failure's message stays inside. */
  static String detail(FailureException e) {
    return e.failure() == Failure.INTERNAL
        ? "the request id finds the reason in this node's log"
        : e.getMessage();
  }

  /** When to come again; null where coming again changes nothing. */
  static @Nullable Duration retryAfter(FailureException e) {
    Duration known = e.retryAfter();
    if (known != null) {
      return known;
    }
    int status = status(e.failure());
    return status == 503 || status == 429 ? SOON : null;
  }

  /** The challenge that goes with a 401 (RFC 7617, RFC 6750), or null for another status. */
  static @Nullable String challenge(FailureException e) {
    return switch (e.failure()) {
      case UNKNOWN_WRITE_KEY -> "Basic realm=\"tidegate\", charset=\"UTF-8\"";
      case UNAUTHENTICATED -> "Bearer realm=\"tidegate\"";
      case INVALID_TOKEN ->
          "Bearer realm=\"tidegate\", error=\"invalid_token\", error_description=\""
              + quotable(e.getMessage())
              + "\"";
      default -> null;
    };
  }

  /** The problem document. */
  static Buffer document(FailureException e, String requestId) {
    Map<String, Object> problem = new LinkedHashMap<>();
    problem.put("type", TYPE_PREFIX + slug(e.failure()));
    problem.put("title", title(e.failure()));
    problem.put("status", status(e.failure()));
    problem.put("detail", detail(e));
    problem.put("instance", requestId);
    problem.put("code", e.failure().code());
    e.members().forEach(problem::putIfAbsent);
    try {
      return Buffer.buffer(JSON.writeValueAsBytes(problem));
    } catch (JsonProcessingException unwritable) {
      throw new IllegalStateException(
          "members: " + e.members() + " (expected: JSON values)", unwritable);
    }
  }

  /** A message as gRPC's header wants it: percent-encoded UTF-8. */
  static String grpcMessage(FailureException e) {
    StringBuilder out = new StringBuilder();
    for (byte b : detail(e).getBytes(StandardCharsets.UTF_8)) {
      if (b >= 0x20 && b < 0x7f && b != '%') {
        out.append((char) b);
      } else {
        out.append('%').append(String.format("%02X", b & 0xff));
      }
    }
    return out.toString();
  }

  /** The characters that RFC 6750 allows in error_description; single quotes for double ones. */
  private static String quotable(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(c == '"' || c == '\\' ? '\'' : c >= 0x20 && c < 0x7f ? c : '?');
    }
    return out.toString();
  }
}
