package io.tidegate.edge;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.edge.auth.Viewer;
import io.tidegate.profile.ProfileLookup;
import io.tidegate.profile.ProfileView;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The customers' HTTP operations: read one profile, look up many, erase. */
final class Customers {
  static final int MAX_LOOKUP_BYTES = 64 * 1024;

  private static final JsonFactory JSON = new JsonFactory();
  private static final CharSequence PRIVATE = HttpHeaders.createOptimized("private, no-cache");
  private static final CharSequence OF_PROCESS =
      HttpHeaders.createOptimized("tidegate; hit; detail=process");
  private static final CharSequence OF_REDIS =
      HttpHeaders.createOptimized("tidegate; hit; detail=redis");
  private static final CharSequence OF_POSTGRES =
      HttpHeaders.createOptimized("tidegate; fwd=miss; detail=postgres");

  private final ProfileLookup profiles;
  private final Bodies bodies;

  Customers(ProfileLookup profiles, Bodies bodies) {
    this.profiles = profiles;
    this.bodies = bodies;
  }

  /** Answers with one profile, 304 when the caller has it already, 404 when there is none. */
  Future<Void> read(Exchange exchange, String id) {
    Viewer viewer = exchange.signedIn();
    FailureException refusal = viewer.refusalToRead(id);
    if (refusal != null) {
      return Future.failedFuture(refusal);
    }
    ProfileView held = profiles.cached(id);
    if (held != null) {
      answer(exchange, held);
      return Future.succeededFuture();
    }
    return profiles
        .find(id, exchange.trace())
        .map(
            view -> {
              answer(exchange, view);
              return null;
            });
  }

  private static void answer(Exchange exchange, ProfileView view) {
    if (!exchange.open()) {
      return;
    }
    MultiMap headers = exchange.response().headers();
    headers.set(Fields.CACHE_STATUS, cacheStatus(view));
    if (!view.exists()) {
      throw notFound(view.id());
    }
    headers.set(HttpHeaders.CACHE_CONTROL, PRIVATE);
    headers.set(HttpHeaders.ETAG, view.etag());
    headers.set(HttpHeaders.VARY, HttpHeaders.AUTHORIZATION);
    if (matches(exchange.request().getHeader(HttpHeaders.IF_NONE_MATCH), view.etag())) {
      exchange.empty(304);
    } else {
      exchange.json(200, view.json());
    }
  }

  private static FailureException notFound(String id) {
    return Failure.NOT_FOUND.because(
        "customer id: " + id + " (expected: one that was seen, and not erased)");
  }

  /** RFC 9211: which cache answered. A stale answer has a negative time to live. */
  static CharSequence cacheStatus(ProfileView view) {
    return switch (view.layer()) {
      case PROCESS ->
          view.stale()
              ? "tidegate; hit; ttl=-" + Math.max(1, view.ageMs() / 1_000) + "; detail=process"
              : OF_PROCESS;
      case REDIS -> view.stale() ? "tidegate; hit; ttl=-1; detail=redis" : OF_REDIS;
      case POSTGRES -> OF_POSTGRES;
    };
  }

  /** Weak comparison, as If-None-Match has it (RFC 9110, 13.1.2). */
  static boolean matches(@Nullable String ifNoneMatch, String etag) {
    if (ifNoneMatch == null) {
      return false;
    }
    if (ifNoneMatch.equals(etag) || ifNoneMatch.strip().equals("*")) {
      return true;
    }
    int at = 0;
    while (at < ifNoneMatch.length()) {
      int open = ifNoneMatch.indexOf('"', at);
      int close = open < 0 ? -1 : ifNoneMatch.indexOf('"', open + 1);
      if (close < 0) {
        return false;
      }
      if (etag.length() == close + 1 - open && ifNoneMatch.startsWith(etag, open)) {
        return true;
      }
      at = close + 1;
    }
    return false;
  }

  /** Answers with the profiles of up to a hundred ids, and the ids that have none. */
  Future<Void> lookUp(Exchange exchange) {
    Viewer viewer = exchange.signedIn();
    return bodies
        .read(exchange, MAX_LOOKUP_BYTES)
        .compose(
            body -> {
              List<String> ids = idsOf(body);
              for (String id : ids) {
                FailureException refusal = viewer.refusalToRead(id);
                if (refusal != null) {
                  return Future.failedFuture(refusal);
                }
              }
              return ids.isEmpty()
                  ? Future.succeededFuture(List.<ProfileView>of())
                  : profiles.findAll(ids, exchange.trace());
            })
        .map(
            views -> {
              if (exchange.open()) {
                exchange.response().headers().set(HttpHeaders.CACHE_CONTROL, PRIVATE);
                exchange.json(200, together(views));
              }
              return null;
            });
  }

  /**
   * The ids of {@code {"ids": [...]}}, each once.
   *
   * @throws FailureException {@link Failure#BAD_REQUEST}
   */
  static List<String> idsOf(Buffer body) {
    Set<String> ids = new LinkedHashSet<>();
    boolean seen = false;
    try (JsonParser json = JSON.createParser(body.getBytes())) {
      expect(json.nextToken() == JsonToken.START_OBJECT, "body: not a JSON object");
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        expect(json.currentName().equals("ids") && !seen, "field: " + json.currentName());
        seen = true;
        expect(json.nextToken() == JsonToken.START_ARRAY, "ids: not an array");
        for (JsonToken token = json.nextToken();
            token != JsonToken.END_ARRAY;
            token = json.nextToken()) {
          expect(
              token == JsonToken.VALUE_STRING && !json.getText().isEmpty(),
              "ids: not a customer id in it");
          ids.add(json.getText());
          expect(ids.size() <= ProfileLookup.MAX_IDS, "ids: more than " + ProfileLookup.MAX_IDS);
        }
      }
      expect(
          seen && json.nextToken() == null, "body: " + (seen ? "more than one object" : "no ids"));
    } catch (IOException e) {
      throw Failure.BAD_REQUEST.because(
          "body: not JSON (expected: {\"ids\": [up to 100 customer ids]})");
    }
    return new ArrayList<>(ids);
  }

  private static void expect(boolean holds, String what) {
    if (!holds) {
      throw Failure.BAD_REQUEST.because(what + " (expected: {\"ids\": [up to 100 customer ids]})");
    }
  }

  private static Buffer together(List<ProfileView> views) {
    int length = 64;
    for (ProfileView view : views) {
      length += view.json().length() + 1;
    }
    Buffer out = Buffer.buffer(length).appendString("{\"profiles\":[");
    boolean first = true;
    StringBuilder missing = new StringBuilder();
    for (ProfileView view : views) {
      if (view.exists()) {
        if (!first) {
          out.appendByte((byte) ',');
        }
        first = false;
        out.appendBuffer(view.json());
      } else {
        missing.append(missing.isEmpty() ? "\"" : ",\"");
        JsonStringEncoder.getInstance().quoteAsString(view.id(), missing);
        missing.append('"');
      }
    }
    return out.appendString("],\"missing\":[").appendString(missing.toString()).appendString("]}");
  }

  /** Erases a customer: 204, or 404 when there is none. */
  Future<Void> erase(Exchange exchange, String id) {
    Viewer viewer = exchange.signedIn();
    FailureException refusal = viewer.refusalToErase();
    if (refusal != null) {
      return Future.failedFuture(refusal);
    }
    return profiles
        .erase(id, viewer.role().claim() + " " + viewer.subject(), exchange.trace())
        .map(
            reply -> {
              if (!reply.getExisted()) {
                throw notFound(id);
              }
              if (exchange.open()) {
                exchange.empty(204);
              }
              return null;
            });
  }
}
