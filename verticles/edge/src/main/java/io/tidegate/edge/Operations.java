package io.tidegate.edge;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.edge.Operation.Erase;
import io.tidegate.edge.Operation.GrpcCall;
import io.tidegate.edge.Operation.Ingest;
import io.tidegate.edge.Operation.LookUp;
import io.tidegate.edge.Operation.Options;
import io.tidegate.edge.Operation.ReadProfile;
import io.tidegate.edge.Operation.Routed;
import io.tidegate.edge.Operation.Settings;
import io.tidegate.ingestion.EventKind;
import io.tidegate.routing.Route;
import io.tidegate.routing.Routes;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells from a request's method and path what it asks for: one of the gateway's own jobs, else a
 * route.
 */
final class Operations {
  static final GrpcCall PUBLISH = new GrpcCall("grpc-publish", "ingestion", true);
  static final GrpcCall GET_PROFILE = new GrpcCall("grpc-profile", "profile", false);
  static final GrpcCall GET_CUSTOMER = new GrpcCall("grpc-customer", "profile", false);

  private static final Map<EventKind, Ingest> INGEST = new EnumMap<>(EventKind.class);

  static {
    for (EventKind kind : EventKind.values()) {
      INGEST.put(kind, new Ingest(kind));
    }
  }

  private static final LookUp LOOK_UP = new LookUp();
  private static final String PROJECTS = "/v1/projects/";
  private static final String SETTINGS = "/settings";
  private static final String CUSTOMERS = "/v1/customers/";
  private static final String ANY_METHOD = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
  private static final String PROFILE = "/profile";

  private final Routes routes;

  Operations(Routes routes) {
    this.routes = routes;
  }

  /**
   * What the request asks for.
   *
   * @throws FailureException {@link Failure#BAD_REQUEST}, {@link Failure#METHOD_NOT_ALLOWED} or
   *     {@link Failure#NO_ROUTE}
   */
  Operation of(HttpServerRequest request) {
    HttpMethod method = request.method();
    String path = request.path();
    if (path == null || path.isEmpty() || path.charAt(0) != '/') {
      if (method.equals(HttpMethod.OPTIONS)) {
        return new Options(ANY_METHOD);
      }
      throw Failure.BAD_REQUEST.because("path: " + path + " (expected: one that begins with /)");
    }
    Operation own = isGrpc(request) ? ofGrpc(path) : ofOwn(method, path);
    if (own != null) {
      return own;
    }
    if (method.equals(HttpMethod.CONNECT) || method.equals(HttpMethod.TRACE)) {
      throw notAllowed(method, ANY_METHOD);
    }
    HttpMethod wanted = preflighted(request);
    HostAndPort authority = request.authority();
    Route route =
        routes.match(
            authority == null ? "" : authority.host(),
            path,
            wanted == null ? method : wanted,
            request.headers());
    if (route == null) {
      throw Failure.NO_ROUTE.because(
          method.name() + " " + path + " (expected: a path that a route matches)");
    }
    // A browser sends no token with its preflight, so that a route that wants one cannot be asked.
    return wanted != null && route.auth() == Route.Auth.TOKEN
        ? new Options(ANY_METHOD)
        : new Routed(route);
  }

  /**
   * The method that a browser's preflight asks about; null when the request is none.
   *
   * @throws FailureException {@link Failure#BAD_REQUEST} when what it asks about is no method
   */
  private static @Nullable HttpMethod preflighted(HttpServerRequest request) {
    String wanted = request.getHeader(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD);
    if (wanted == null
        || !request.method().equals(HttpMethod.OPTIONS)
        || request.getHeader(HttpHeaders.ORIGIN) == null) {
      return null;
    }
    if (!Cors.isToken(wanted)) {
      throw Failure.BAD_REQUEST.because(
          "access-control-request-method: " + wanted + " (expected: a method's name)");
    }
    return HttpMethod.valueOf(wanted);
  }

  static boolean isGrpc(HttpServerRequest request) {
    String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    return type != null
        && (type.equals("application/grpc") || type.startsWith("application/grpc+"));
  }

  private static @Nullable Operation ofGrpc(String path) {
    return switch (path) {
      case "/tidegate.ingestion.v1.EventService/Publish" -> PUBLISH;
      case "/tidegate.profile.v1.ProfileService/GetProfile" -> GET_PROFILE;
      case "/tidegate.customer.v1.CustomerService/GetCustomer" -> GET_CUSTOMER;
      default -> null;
    };
  }

  private static @Nullable Operation ofOwn(HttpMethod method, String path) {
    if (!path.startsWith("/v1/")) {
      return null;
    }
    EventKind kind = eventKind(path.substring(4));
    if (kind != null) {
      return only(method, "POST", INGEST.get(kind));
    }
    if (path.equals("/v1/customers:lookup")) {
      return only(method, "POST", LOOK_UP);
    }
    if (path.startsWith(PROJECTS) && path.endsWith(SETTINGS)) {
      return settings(method, path);
    }
    if (!path.startsWith(CUSTOMERS)) {
      return null;
    }
    String rest = path.substring(CUSTOMERS.length());
    int slash = rest.indexOf('/');
    if (slash < 0) {
      return method.equals(HttpMethod.DELETE)
          ? new Erase(decoded(rest))
          : only(method, "DELETE", null);
    }
    if (!rest.substring(slash).equals(PROFILE)) {
      return null;
    }
    String id = rest.substring(0, slash);
    if (method.equals(HttpMethod.DELETE)) {
      return new Erase(decoded(id));
    }
    return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)
        ? new ReadProfile(decoded(id))
        : only(method, "GET, HEAD, DELETE", null);
  }

  private static @Nullable Operation settings(HttpMethod method, String path) {
    int end = path.length() - SETTINGS.length();
    if (end <= PROJECTS.length() || path.indexOf('/', PROJECTS.length()) != end) {
      return null;
    }
    return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)
        ? new Settings(path.substring(PROJECTS.length(), end))
        : only(method, "GET, HEAD", null);
  }

  /**
   * The kind of events that a path takes: by the specification's word, or as Segment's SDKs have
   * it, which post batches to {@code import/} (Java) and {@code b} (Android, iOS) and single events
   * to the type's first letter (browsers).
   */
  static @Nullable EventKind eventKind(String rest) {
    String word = rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest;
    return switch (word) {
      case "import", "b" -> EventKind.BATCH;
      case "t" -> EventKind.TRACK;
      case "i" -> EventKind.IDENTIFY;
      case "p" -> EventKind.PAGE;
      case "s" -> EventKind.SCREEN;
      case "g" -> EventKind.GROUP;
      case "a" -> EventKind.ALIAS;
      default -> EventKind.ofWord(word);
    };
  }

  private static Operation only(HttpMethod method, String allowed, @Nullable Operation operation) {
    if (operation != null && method.name().equals(allowed)) {
      return operation;
    }
    if (method.equals(HttpMethod.OPTIONS)) {
      return new Options(allowed + ", OPTIONS");
    }
    throw notAllowed(method, allowed + ", OPTIONS");
  }

  private static FailureException notAllowed(HttpMethod method, String allowed) {
    return Failure.METHOD_NOT_ALLOWED
        .because("method: " + method.name() + " (expected: " + allowed + ")")
        .with("allow", allowed);
  }

  /**
   * A path segment's meaning: percent-encoded UTF-8, strictly (RFC 3986); a plus is a plus.
   *
   * @throws FailureException {@link Failure#BAD_REQUEST}
   */
  static String decoded(String segment) {
    if (segment.isEmpty()) {
      throw Failure.BAD_REQUEST.because("customer id: empty (expected: at least one character)");
    }
    boolean plain = true;
    for (int i = 0; i < segment.length() && plain; i++) {
      char c = segment.charAt(i);
      plain = c != '%' && c > 0x20 && c < 0x7f;
    }
    if (plain) {
      return segment;
    }
    ByteBuffer bytes = ByteBuffer.allocate(segment.length());
    for (int i = 0; i < segment.length(); i++) {
      char c = segment.charAt(i);
      if (c == '%') {
        int high = i + 1 < segment.length() ? Character.digit(segment.charAt(i + 1), 16) : -1;
        int low = i + 2 < segment.length() ? Character.digit(segment.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0) {
          throw malformed(segment);
        }
        bytes.put((byte) (high << 4 | low));
        i += 2;
      } else if (c <= 0x20 || c >= 0x7f) {
        throw malformed(segment);
      } else {
        bytes.put((byte) c);
      }
    }
    String id;
    try {
      id = StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
    } catch (CharacterCodingException e) {
      throw malformed(segment);
    }
    for (int i = 0; i < id.length(); i++) {
      if (Character.isISOControl(id.charAt(i))) {
        throw malformed(segment);
      }
    }
    return id;
  }

  private static FailureException malformed(String segment) {
    return Failure.BAD_REQUEST.because(
        "customer id: "
            + segment
            + " (expected: percent-encoded UTF-8 without control characters)");
  }
}
