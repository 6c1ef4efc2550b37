package io.tidegate.node;

import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;

/** The process's log: which file says where it goes, and its end. */
final class Logging {
  private Logging() {}

  /**
   * Before the first logger is made: JSON to standard output for a node, quiet words for a person
   * at a terminal.
   */
  static void configure(String command, Path home) {
    System.setProperty(
        "vertx.logger-delegate-factory-class-name",
        "io.vertx.core.logging.SLF4JLogDelegateFactory");
    System.setProperty(
        "org.jboss.logging.provider", "slf4j"); // SmallRye's, which tries others first
    if (System.getProperty("logback.configurationFile") != null) {
      return;
    }
    String name = command.equals("node") ? "logback.xml" : "logback-dev.xml";
    Path file = home.resolve("conf").resolve(name);
    if (Files.isReadable(file)) {
      System.setProperty("logback.configurationFile", file.toString());
    }
  }

  /**
   * Writes out what waits in the log's queue, within a second; nothing is logged afterwards. A hook
   * of Logback's own would run beside ours and cut the last lines off.
   */
  static synchronized void flush() {
    ILoggerFactory factory = LoggerFactory.getILoggerFactory();
    if (factory instanceof ch.qos.logback.classic.LoggerContext context) {
      context.stop();
    }
  }
}
