package io.tidegate.profile;

/**
 * News that an id shows a newer version now.
 *
 * @param erased what was shown before is gone and must not be shown again, not even as stale
 */
record Change(long version, boolean erased) {
  static final Change NONE = new Change(-1, false);

  /** Both as one: nothing older than either may be believed. */
  Change and(Change other) {
    if (other.version > version) {
      return erased && !other.erased ? new Change(other.version, true) : other;
    }
    return other.erased && !erased ? new Change(version, true) : this;
  }

  boolean outdates(ProfileView view) {
    return view.version() < version;
  }
}
