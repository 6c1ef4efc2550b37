package io.tidegate.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Limiter decisions a second beside Bucket4j on the same Redis: a hundred users, 64 under way. */
final class LimiterRate implements Work {
  private static final String WORK = "limiter decisions";
  private static final String BUCKET4J = "Bucket4j on Redis";

  @Override
  public String name() {
    return "limiter";
  }

  @Override
  public Duration quickTime() {
    return Duration.ZERO;
  }

  @Override
  public List<Bar> bars() {
    return List.of();
  }

  @Override
  public void run(Bench bench, Report report) throws InterruptedException, IOException {
    Programs programs = new Programs(bench.cores());
    String redis = bench.stack().redisUri();
    Map<String, Series> all =
        bench
            .roundsOfSlowStarters()
            .runWarm(
                WORK,
                List.of(
                    new Contender(Bench.TIDEGATE, null, time -> programs.limiter(redis, time)),
                    new Contender(BUCKET4J, null, time -> programs.bucket4j(redis, time))));
    report.add(all.values());
  }
}
