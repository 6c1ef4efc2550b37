package io.tidegate.devstack;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * The servers' programs, unpacked from the Maven artifacts once per version into a cache: {@code
 * $TIDEGATE_CACHE}, else {@code $XDG_CACHE_HOME/tidegate}, else {@code ~/.cache/tidegate}.
 */
final class Binaries {
  private static final String POSTGRES = "/postgres-linux-x86_64.txz";
  private static final String REDIS = "/redis-server-6.2.6-v5-linux-amd64";

  private Binaries() {}

  /**
   * Postgres' installation directory, with {@code bin}, {@code lib} and {@code share}.
   *
   * @param account who has to be able to run it
   */
  static Path postgres(Account account) {
    URL archive = artifact("Postgres", "--postgres-uri", POSTGRES);
    return Trees.made(
        cache(account).resolve("postgres-" + version(archive)),
        directory -> unpack(archive, directory));
  }

  /** The {@code redis-server} program. */
  static Path redis() {
    URL program = artifact("Redis", "--redis-uri", REDIS);
    Path directory =
        Trees.made(
            cache().resolve("redis-" + version(program)),
            made -> {
              Path file = made.resolve("redis-server");
              try (InputStream in = program.openStream()) {
                Files.copy(in, file);
              }
              executable(file);
              executable(made);
            });
    return directory.resolve("redis-server");
  }

  /** The cache, or the system's where root's own home is closed to the account. */
  private static Path cache(Account account) {
    boolean closed = account == Account.NOBODY && System.getenv("TIDEGATE_CACHE") == null;
    return closed ? Path.of("/var/cache/tidegate") : cache();
  }

  /** Where things that are costly to make are kept from one run to the next. */
  static Path cache() {
    String own = System.getenv("TIDEGATE_CACHE");
    if (own != null) {
      return Path.of(own).toAbsolutePath();
    }
    String shared = System.getenv("XDG_CACHE_HOME");
    Path home = Path.of(System.getProperty("user.home"), ".cache");
    Path wanted = (shared == null ? home : Path.of(shared)).resolve("tidegate").toAbsolutePath();
    try {
      return Files.createDirectories(wanted);
    } catch (IOException e) {
      // A user without a home directory, as in many containers.
      String user = System.getProperty("user.name");
      return Path.of(System.getProperty("java.io.tmpdir"), "tidegate-cache-" + user);
    }
  }

  private static URL artifact(String server, String option, String resource) {
    requireSupported(server, option, System.getProperty("os.name"), System.getProperty("os.arch"));
    URL url = Binaries.class.getResource(resource);
    if (url == null) {
      throw new DevStackException(
          server + "'s program is not on the class path (expected: " + resource + ")");
    }
    return url;
  }

  static void requireSupported(String server, String option, String os, String architecture) {
    boolean supported =
        os.toLowerCase(Locale.ROOT).startsWith("linux")
            && (architecture.equals("amd64") || architecture.equals("x86_64"));
    if (!supported) {
      throw new DevStackException(
          "cannot start "
              + server
              + " on "
              + os
              + " "
              + architecture
              + " (supported: Linux amd64); use a server you have with "
              + option);
    }
  }

  /**
   * The checksum that the jar keeps of the resource: another artifact version gives another one.
   */
  private static String version(URL resource) {
    try {
      URLConnection connection = resource.openConnection();
      long version =
          connection instanceof JarURLConnection jar
              ? jar.getJarEntry().getCrc()
              : connection.getContentLengthLong();
      return "linux-amd64-%08x".formatted(version);
    } catch (IOException e) {
      throw new DevStackException("cannot read " + resource + ": " + e, e);
    }
  }

  private static void unpack(URL archive, Path directory) throws IOException {
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(
            new XZCompressorInputStream(new BufferedInputStream(archive.openStream())))) {
      for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null; ) {
        Path target = directory.resolve(entry.getName()).normalize();
        if (!target.startsWith(directory)) {
          throw new IOException("entry outside of the archive's directory: " + entry.getName());
        }
        if (entry.isDirectory()) {
          Files.createDirectories(target);
        } else {
          Files.createDirectories(target.getParent());
          write(tar, entry, target);
        }
      }
    }
    executable(directory);
  }

  private static void write(TarArchiveInputStream tar, TarArchiveEntry entry, Path target)
      throws IOException {
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
      return;
    }
    Files.copy(tar, target);
    if ((entry.getMode() & 0111) != 0) {
      executable(target);
    }
  }

  private static void executable(Path path) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
