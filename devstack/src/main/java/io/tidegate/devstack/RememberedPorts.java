package io.tidegate.devstack;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** The ports that a data directory's servers had last, so that a restart finds them unchanged. */
final class RememberedPorts {
  private final Path file;
  private final Properties ports = new Properties();

  private RememberedPorts(Path file) {
    this.file = file;
  }

  static RememberedPorts in(Path directory) {
    RememberedPorts remembered = new RememberedPorts(directory.resolve("ports.properties"));
    if (Files.exists(remembered.file)) {
      try (Reader in = Files.newBufferedReader(remembered.file)) {
        remembered.ports.load(in);
      } catch (IOException | IllegalArgumentException e) {
        remembered.ports.clear(); // then they are chosen anew
      }
    }
    return remembered;
  }

  /** The port asked for, else the last one if it is free, else 0 for any. */
  synchronized int wanted(String server, int asked) {
    if (asked != 0) {
      return asked;
    }
    try {
      int last = Integer.parseInt(ports.getProperty(server, "0"));
      return last > 0 && last < 65_536 && Ports.isFree(last) ? last : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  synchronized void remember(String server, int port) {
    ports.setProperty(server, Integer.toString(port));
    try (Writer out = Files.newBufferedWriter(file)) {
      ports.store(out, null);
    } catch (IOException e) {
      throw new DevStackException("cannot write " + file + ": " + e, e);
    }
  }
}
