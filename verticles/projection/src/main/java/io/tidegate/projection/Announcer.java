package io.tidegate.projection;

import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.proto.profile.ProfileChange;
import io.tidegate.proto.profile.ProfilesChanged;
import java.util.Map;

/** Tells every node which ids show something else now. */
final class Announcer {
  private static final int MOST_PER_MESSAGE = 500;

  private final Bus bus;

  Announcer(Bus bus) {
    this.bus = bus;
  }

  /**
   * @param versions by id
   */
  void changed(Map<String, Long> versions) {
    ProfilesChanged.Builder message = ProfilesChanged.newBuilder();
    for (Map.Entry<String, Long> change : versions.entrySet()) {
      message.addChanges(
          ProfileChange.newBuilder().setId(change.getKey()).setVersion(change.getValue()));
      if (message.getChangesCount() == MOST_PER_MESSAGE) {
        bus.publish(BusMap.PROFILE_CHANGED, message.build());
        message.clear();
      }
    }
    if (message.getChangesCount() > 0) {
      bus.publish(BusMap.PROFILE_CHANGED, message.build());
    }
  }
}
