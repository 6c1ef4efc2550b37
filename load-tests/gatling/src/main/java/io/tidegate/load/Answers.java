package io.tidegate.load;

import static io.gatling.javaapi.core.CoreDsl.responseTimeInMillis;
import static io.gatling.javaapi.core.CoreDsl.substring;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.CheckBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.http.HttpRequestActionBuilder;
import io.tidegate.load.Customers.Visitor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import org.HdrHistogram.Histogram;

/**
 * Answers by request, counted as they come. A request that never got one isn't here; Gatling counts
 * it as failed. Safe from any thread.
 */
final class Answers {
  private final Map<String, AnswerCounts> byRequest = new ConcurrentSkipListMap<>();

  /**
   * Counts a request's answers, and fails it on any other status than these.
   *
   * @param request its name in the report
   */
  List<CheckBuilder> expect(String request, Integer... statuses) {
    AnswerCounts counts = byRequest.computeIfAbsent(request, name -> new AnswerCounts());
    return List.of(
        responseTimeInMillis()
            .transform(
                millis -> {
                  counts.took(millis);
                  return millis;
                })
            .exists(),
        status()
            .transform(
                code -> {
                  counts.answered(code);
                  return code;
                })
            .in(List.of(statuses)));
  }

  /**
   * Asks for the visitor's own profile: counts the answers, and fails those that are another
   * customer's, or neither a profile nor the word that there is none yet.
   *
   * @param base what goes before the path; empty for the scenario's own address
   */
  HttpRequestActionBuilder ownProfile(String name, Function<Session, String> base) {
    return http(name)
        .get(session -> base.apply(session) + Visitor.of(session).profile())
        .header("Authorization", session -> Visitor.of(session).authorization())
        .check(expect(name, 200, 404))
        .checkIf((response, session) -> response.status().code() == 200)
        .then(substring(session -> '"' + Visitor.of(session).id() + '"').exists());
  }

  /** By name, in its order. */
  Map<String, AnswerCounts> byRequest() {
    return byRequest;
  }

  /** Answers of any status so far. */
  long total() {
    return count("", 0, AnswerCounts.STATUSES - 1);
  }

  /** Answers of these statuses, to requests whose names begin so. */
  long count(String requests, int from, int to) {
    return byRequest.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(requests))
        .mapToLong(entry -> entry.getValue().count(from, to))
        .sum();
  }

  /** Response times of requests whose names begin so, in milliseconds. */
  Histogram times(String requests) {
    Histogram all = AnswerCounts.emptyTimes();
    byRequest.forEach(
        (request, counts) -> {
          if (request.startsWith(requests)) {
            counts.addTimesTo(all);
          }
        });
    return all;
  }
}
