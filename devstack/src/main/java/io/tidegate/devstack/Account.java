package io.tidegate.devstack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The account that Postgres runs under: it refuses to be root, so as root it is given another. */
enum Account {
  /** Ours, when we are an ordinary user. */
  OWN(""),

  /** Root seen from inside a user namespace that doesn't map it: the same files, no root. */
  NAMESPACED("unshare -U"),

  /**
   * The system's {@code nobody}, where user namespaces are forbidden, as in most containers. It may
   * pass through directories that are root's, since the data may lie in root's home.
   */
  NOBODY(
      "setpriv --reuid=nobody --regid="
          + nobody(3)
          + " --clear-groups --inh-caps=+dac_override --ambient-caps=+dac_override");

  private final String wrapper;

  Account(String wrapper) {
    this.wrapper = wrapper;
  }

  /** The first that works here and reaches this directory, which is made if it isn't there. */
  static Account choose(Path directory) {
    if (uid(Path.of("/proc/self")) != 0) {
      return OWN;
    }
    for (Account account : List.of(NAMESPACED, NOBODY)) {
      if (account.works(directory)) {
        return account;
      }
    }
    throw new DevStackException(
        "Postgres refuses to run as root, and neither `unshare -U` nor `setpriv --reuid=nobody`"
            + " works here: start as an ordinary user, or use a server you have with"
            + " --postgres-uri");
  }

  /**
   * Whether processes can be given this account and then reach the directory. Root in a namespace
   * has no privileges left, so another user's closed home, as with {@code sudo}, is closed to it.
   */
  boolean works(Path directory) {
    try {
      Path made = Files.createDirectories(directory).toRealPath();
      List<String> trial =
          this == NAMESPACED ? List.of("test", "-x", made.toString()) : List.of("true");
      return Processes.run(as(trial), Duration.ofSeconds(5)) == 0;
    } catch (IOException e) {
      throw new DevStackException("cannot use " + directory + ": " + e, e);
    }
  }

  /** The command, run under this account, in the same process. */
  List<String> as(List<String> command) {
    if (wrapper.isEmpty()) {
      return command;
    }
    List<String> line = new ArrayList<>(List.of(wrapper.split(" ")));
    line.addAll(command);
    return line;
  }

  /** Makes the account the owner of the directory and of all in it, if it isn't yet. */
  void own(Path directory) {
    if (this == OWN) {
      return;
    }
    int owner = this == NOBODY ? nobody(2) : 0;
    if (uid(directory) == owner) {
      return;
    }
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        Files.setAttribute(path, "unix:uid", owner, LinkOption.NOFOLLOW_LINKS);
      }
    } catch (IOException e) {
      throw new DevStackException("cannot make " + directory + " uid " + owner + "'s: " + e, e);
    }
  }

  private static int uid(Path path) {
    try {
      return (Integer) Files.getAttribute(path, "unix:uid");
    } catch (IOException e) {
      throw new DevStackException("cannot tell the owner of " + path + ": " + e, e);
    }
  }

  /** A numeric field of nobody's line in the account list. */
  private static int nobody(int field) {
    try (Stream<String> lines = Files.lines(Path.of("/etc/passwd"))) {
      return lines
          .filter(line -> line.startsWith("nobody:"))
          .map(line -> Integer.parseInt(line.split(":", -1)[field]))
          .findFirst()
          .orElse(65_534);
    } catch (IOException e) {
      return 65_534;
    }
  }
}
