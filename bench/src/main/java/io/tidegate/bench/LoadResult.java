package io.tidegate.bench;

/**
 * What a load generator counted.
 *
 * @param requests answered, well or not
 * @param seconds it took
 * @param p50Micros latency of half of the requests
 * @param p99Micros of all but one in a hundred
 * @param p999Micros of all but one in a thousand; negative when the tool doesn't tell
 * @param errors answers of 400 and above, and requests without an answer
 */
record LoadResult(
    long requests,
    double seconds,
    double p50Micros,
    double p99Micros,
    double p999Micros,
    long errors) {
  /** Requests a second. */
  double rate() {
    return seconds == 0 ? 0 : requests / seconds;
  }
}
