package io.tidegate.load;

import java.util.HashMap;
import java.util.Map;
import java.util.prefs.AbstractPreferences;
import java.util.prefs.Preferences;
import java.util.prefs.PreferencesFactory;
import org.jspecify.annotations.Nullable;

/**
 * Preferences that are in memory only, so that a load test leaves nothing in the user's home; for
 * {@link GatlingRun#stayOffline}.
 */
public final class NoPreferences implements PreferencesFactory {
  private static final Preferences ROOT = new Node(null, "");

  /** Made by the JDK. */
  public NoPreferences() {}

  @Override
  public Preferences systemRoot() {
    return ROOT;
  }

  @Override
  public Preferences userRoot() {
    return ROOT;
  }

  private static final class Node extends AbstractPreferences {
    private final Map<String, String> values = new HashMap<>();
    private final Map<String, Node> children = new HashMap<>();

    Node(@Nullable Node parent, String name) {
      super(parent, name);
      values.put("lastCheckTimestamp", Long.toString(System.currentTimeMillis()));
      values.put("lastCheckSuccess", "true");
    }

    @Override
    protected void putSpi(String key, String value) {
      values.put(key, value);
    }

    @Override
    protected @Nullable String getSpi(String key) {
      return values.get(key);
    }

    @Override
    protected void removeSpi(String key) {
      values.remove(key);
    }

    @Override
    protected void removeNodeSpi() {
      values.clear();
    }

    @Override
    protected String[] keysSpi() {
      return values.keySet().toArray(String[]::new);
    }

    @Override
    protected String[] childrenNamesSpi() {
      return children.keySet().toArray(String[]::new);
    }

    @Override
    protected AbstractPreferences childSpi(String name) {
      return children.computeIfAbsent(name, child -> new Node(this, child));
    }

    @Override
    protected void syncSpi() {
      // There is nowhere to.
    }

    @Override
    protected void flushSpi() {
      // There is nowhere to.
    }
  }
}
