package io.tidegate.profile;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Function;

/** The near side's meters, made once. */
final class LookupMeters {
  private final ByLayer found;
  private final ByLayer absent;
  private final ByLayer stale;
  private final Counter failed;

  /** Lookups that waited for a question already under way. */
  final Counter joins;

  /** Questions asked behind an answer. */
  final Counter refreshes;

  /** Answers that a change had overtaken, asked for again. */
  final Counter overtaken;

  /** Changes heard of. */
  final Counter changes;

  LookupMeters(MeterRegistry meters, ProcessCache cache) {
    found = ByLayer.of(layer -> lookups(meters, layer, "found"));
    absent = ByLayer.of(layer -> lookups(meters, layer, "absent"));
    stale =
        ByLayer.of(
            layer ->
                Counter.builder("tidegate.profile.stale")
                    .description("Lookups answered while the truth could not be reached")
                    .tag("layer", layer)
                    .register(meters));
    failed = lookups(meters, "none", "failed");
    joins = counter(meters, "joins", "Lookups that waited for a question already under way");
    refreshes = counter(meters, "refreshes", "Profiles asked for again behind an answer");
    overtaken = counter(meters, "overtaken", "Answers that a change overtook, asked for again");
    changes = counter(meters, "changes", "Changes heard of");
    Gauge.builder("tidegate.profile.process.entries", cache, ProcessCache::size)
        .description("Ids held in the process")
        .register(meters);
    Gauge.builder("tidegate.profile.process.bytes", cache, ProcessCache::bytes)
        .description("What they take")
        .baseUnit("bytes")
        .register(meters);
    FunctionCounter.builder("tidegate.profile.process.evictions", cache, ProcessCache::evictions)
        .description("Entries dropped for room or age")
        .register(meters);
  }

  void answered(ProfileView view) {
    (view.exists() ? found : absent).at(view.layer()).increment();
    if (view.stale()) {
      stale.at(view.layer()).increment();
    }
  }

  void failed() {
    failed.increment();
  }

  private static Counter lookups(MeterRegistry meters, String layer, String outcome) {
    return Counter.builder("tidegate.profile.lookups")
        .description("Profile lookups by the layer that answered")
        .tag("layer", layer)
        .tag("outcome", outcome)
        .register(meters);
  }

  private static Counter counter(MeterRegistry meters, String name, String description) {
    return Counter.builder("tidegate.profile." + name).description(description).register(meters);
  }

  private record ByLayer(Counter process, Counter redis, Counter postgres) {
    static ByLayer of(Function<String, Counter> make) {
      return new ByLayer(make.apply("process"), make.apply("redis"), make.apply("postgres"));
    }

    Counter at(Layer layer) {
      return switch (layer) {
        case PROCESS -> process;
        case REDIS -> redis;
        case POSTGRES -> postgres;
      };
    }
  }
}
