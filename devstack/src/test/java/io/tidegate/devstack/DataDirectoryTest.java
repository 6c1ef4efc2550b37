package io.tidegate.devstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  private final FileTime longAgo = FileTime.from(Instant.now().minusSeconds(3_600));

  @TempDir Path directory;

  @Test
  void aLockIsHeldOnceAndCanBeTakenAgain() throws Exception {
    try (DataLock lock = DataLock.take(directory)) {
      assertThat(lock).isNotNull();
      assertThatThrownBy(() -> DataLock.take(directory))
          .hasMessageContaining("in use by process " + ProcessHandle.current().pid());
    }
    DataLock.take(directory).close();
  }

  @Test
  void temporaryDataAreDeletedAndWhatAKilledJvmLeftToo() throws Exception {
    Path parent = Path.of(System.getProperty("java.io.tmpdir"));
    Path left = Files.createTempDirectory(parent, TempData.PREFIX);
    Path lock = Files.writeString(left.resolve("lock"), "4711");
    Files.setLastModifiedTime(lock, longAgo);
    Path recent = Files.createTempDirectory(parent, TempData.PREFIX);
    Files.writeString(recent.resolve("lock"), "4711");
    Path made;
    try (TempData data = TempData.make()) {
      made = data.directory();
      Files.writeString(Files.createDirectories(made.resolve("a/b")).resolve("c"), "c");
      assertThat(left).doesNotExist();
      assertThat(recent).exists();
    }
    assertThat(made).doesNotExist();
    Trees.delete(recent);
  }

  @Test
  void aDirectoryAppearsWholeOrNotAtAll() throws Exception {
    Path wanted = directory.resolve("wanted");
    assertThatThrownBy(
            () ->
                Trees.made(
                    wanted,
                    draft -> {
                      Files.writeString(draft.resolve("half"), "half");
                      throw new IOException("disk full");
                    }))
        .isInstanceOf(DevStackException.class)
        .hasMessageContaining("disk full");
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
    Path abandoned = Files.createDirectory(directory.resolve(".wanted-draft-1"));
    Files.setLastModifiedTime(abandoned, longAgo);
    Trees.made(wanted, draft -> Files.writeString(draft.resolve("whole"), "whole"));
    Trees.made(wanted, draft -> Files.writeString(draft.resolve("second"), "second"));
    assertThat(wanted.resolve("whole")).exists();
    assertThat(wanted.resolve("second")).doesNotExist();
    assertThat(abandoned).doesNotExist();
  }

  @Test
  void theOneWhoIsFirstWins() {
    Path wanted = directory.resolve("wanted");
    Trees.made(
        wanted,
        draft -> {
          Files.writeString(draft.resolve("second"), "second");
          Trees.made(wanted, other -> Files.writeString(other.resolve("first"), "first"));
        });
    assertThat(wanted.resolve("first")).exists();
    assertThat(wanted.resolve("second")).doesNotExist();
  }

  @Test
  void portsAreRememberedWhileFree() throws Exception {
    int port = Ports.free();
    RememberedPorts.in(directory).remember("redis", port);
    RememberedPorts ports = RememberedPorts.in(directory);
    assertThat(ports.wanted("redis", 0)).isEqualTo(port);
    assertThat(ports.wanted("redis", 77)).isEqualTo(77);
    assertThat(ports.wanted("kafka", 0)).isZero();
    try (var taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertThat(taken.isBound()).isTrue();
      assertThat(ports.wanted("redis", 0)).isZero();
    }
    for (String broken : List.of("redis=many", "redis=70000", "redis=\\u00")) {
      Files.writeString(directory.resolve("ports.properties"), broken);
      assertThat(RememberedPorts.in(directory).wanted("redis", 0)).as(broken).isZero();
    }
  }

  @Test
  void otherPlatformsAreToldWhatToDo() {
    assertThatThrownBy(
            () -> Binaries.requireSupported("Redis", "--redis-uri", "Mac OS X", "aarch64"))
        .hasMessage(
            "cannot start Redis on Mac OS X aarch64 (supported: Linux amd64); use a server you"
                + " have with --redis-uri");
    Binaries.requireSupported("Redis", "--redis-uri", "Linux", "amd64");
  }
}
