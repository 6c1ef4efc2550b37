package io.tidegate.projection;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What reading the log depends on, told what became of it.
 *
 * @param projection ourselves: what fails for no dependency's fault
 */
record Links(Link kafka, Link postgres, Link deadLetters, Link projection) {
  private static final Logger log = LoggerFactory.getLogger(Links.class);

  void unexpected(RuntimeException mistake) {
    if (projection.up()) {
      log.atError().setCause(mistake).log("the projection failed unexpectedly, and tries again");
    }
    projection.fails(mistake);
  }
}
