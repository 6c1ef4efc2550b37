package io.tidegate.devstack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Whole directories: copied, deleted, put in place at once. */
public final class Trees {
  private static final Duration LONGEST_FILLING = Duration.ofMinutes(10);

  private Trees() {}

  /** What fills a new directory. */
  @FunctionalInterface
  interface Filling {
    void fill(Path directory) throws IOException;
  }

  /**
   * The directory, made by the filling if it isn't there. It appears whole or not at all: it is
   * filled beside its place and then renamed, so two JVMs that do this at once don't disturb each
   * other, and one that dies leaves nothing half done in its place.
   */
  static Path made(Path directory, Filling filling) {
    if (Files.isDirectory(directory)) {
      return directory;
    }
    try {
      Path parent = Files.createDirectories(directory.toAbsolutePath().getParent());
      String prefix = "." + directory.getFileName() + "-draft-";
      deleteAbandoned(parent, prefix);
      Path draft = Files.createTempDirectory(parent, prefix);
      try {
        filling.fill(draft);
        Files.move(draft, directory, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        if (!Files.isDirectory(directory)) {
          throw e;
        }
      } finally {
        delete(draft);
      }
      return directory;
    } catch (IOException e) {
      throw new DevStackException("cannot make " + directory + ": " + e, e);
    }
  }

  private static void deleteAbandoned(Path parent, String prefix) throws IOException {
    Instant recent = Instant.now().minus(LONGEST_FILLING);
    try (DirectoryStream<Path> drafts = Files.newDirectoryStream(parent, prefix + "*")) {
      for (Path draft : drafts) {
        if (Files.getLastModifiedTime(draft).toInstant().isBefore(recent)) {
          delete(draft);
        }
      }
    }
  }

  /** Copies a directory's contents, with permissions, into one that exists. */
  static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            if (!directory.equals(from)) {
              copyOne(directory);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            copyOne(file);
            return FileVisitResult.CONTINUE;
          }

          private void copyOne(Path source) throws IOException {
            Files.copy(
                source,
                to.resolve(from.relativize(source).toString()),
                StandardCopyOption.COPY_ATTRIBUTES,
                LinkOption.NOFOLLOW_LINKS);
          }
        });
  }

  /** Deletes a directory and all in it; what vanishes meanwhile is fine. */
  public static void delete(Path directory) {
    try {
      if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
        return;
      }
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure)
                throws IOException {
              if (failure instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
              }
              throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                throws IOException {
              Files.deleteIfExists(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + directory, e);
    }
  }
}
