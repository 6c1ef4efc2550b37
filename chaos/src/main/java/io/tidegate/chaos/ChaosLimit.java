package io.tidegate.chaos;

/**
 * The limit whose bound is checked: so tight that traffic runs into it all the time.
 *
 * @param perSecond requests a second, over all nodes
 * @param burst requests at once after a quiet time
 */
record ChaosLimit(int perSecond, int burst) {
  /** A limit that lets about two in three through, of so many a second. */
  static ChaosLimit under(double offered) {
    int perSecond = Math.max(5, (int) (offered * 2 / 3));
    return new ChaosLimit(perSecond, Math.max(2, perSecond / 3));
  }

  /** limits.yaml with it, and one for the write key that nobody reaches. */
  String yaml() {
    return """
        limits:
          enabled: true
          policies:
            chaos:
              by: route
              routes: [limited]
              limit: %d
              period: 1s
              burst: %d
            per-write-key:
              by: write-key
              limit: 600000
              period: 60s
              burst: 100000
        """
        .formatted(perSecond, burst);
  }
}
