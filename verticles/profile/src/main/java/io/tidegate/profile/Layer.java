package io.tidegate.profile;

/** Where an answer came from, nearest first. */
public enum Layer {
  /** This process's memory. */
  PROCESS,
  REDIS,
  POSTGRES
}
