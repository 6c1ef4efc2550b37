package io.tidegate.profile;

import com.github.benmanes.caffeine.cache.Ticker;
import com.google.protobuf.ByteString;
import io.tidegate.platform.ConfigLoader;
import io.tidegate.platform.ConfigSection;
import io.tidegate.proto.profile.FoundProfile;
import io.tidegate.proto.profile.Source;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** What tests here have in common: configuration, views, a clock that is told the time. */
final class Profiles {
  private Profiles() {}

  /** The defaults without jitter, and what is given. */
  static ProfileConfig config(String... keysAndValues) {
    Map<String, String> values = new HashMap<>(Map.of("profile.jitter", "0"));
    for (int i = 0; i < keysAndValues.length; i += 2) {
      values.put("profile." + keysAndValues[i], keysAndValues[i + 1]);
    }
    return ConfigLoader.section(
        new ConfigSection<>(ProfileConfig.class, ProfileConfig::check), values);
  }

  static String json(String id, long version) {
    return "{\"id\":\"" + id + "\",\"version\":" + version + "}";
  }

  static ProfileView view(String id, long version) {
    return new ProfileView(
        id,
        true,
        version,
        Buffer.buffer(json(id, version)),
        "\"v" + version + "\"",
        Layer.POSTGRES,
        false,
        0);
  }

  static ProfileView absent(String id, long version) {
    return new ProfileView(id, false, version, Buffer.buffer(), "", Layer.POSTGRES, false, 0);
  }

  static FoundProfile found(String id, long version) {
    return FoundProfile.newBuilder()
        .setId(id)
        .setExists(true)
        .setVersion(version)
        .setJson(ByteString.copyFromUtf8(json(id, version)))
        .setSource(Source.SOURCE_POSTGRES)
        .build();
  }

  /** A clock that stands still until told otherwise. */
  static final class Clock implements Ticker {
    private final AtomicLong now = new AtomicLong();

    @Override
    public long read() {
      return now.get();
    }

    void pass(Duration time) {
      now.addAndGet(time.toNanos());
    }
  }
}
