package io.tidegate.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileWatchTest {
  @TempDir Path folder;

  @Test
  void aChangeIsSeenOnceWhenTheFileRests() throws Exception {
    Path file = Files.writeString(folder.resolve("a.yaml"), "1");
    FileWatch watch = new FileWatch(file);
    watch.begin();
    assertThat(watch.changed()).isFalse();
    Files.writeString(file, "22");
    assertThat(watch.changed()).as("it may still be being written").isFalse();
    assertThat(watch.changed()).isTrue();
    assertThat(watch.changed()).isFalse();
  }

  @Test
  void anotherTimeOrNoFileIsAChange() throws Exception {
    Path file = Files.writeString(folder.resolve("a.yaml"), "1");
    FileWatch watch = new FileWatch(file);
    watch.begin();
    Files.setLastModifiedTime(file, FileTime.fromMillis(5_000));
    assertThat(changedInTwoLooks(watch)).isTrue();
    assertThat(watch.modifiedMillis()).isEqualTo(5_000);
    Files.delete(file);
    assertThat(changedInTwoLooks(watch)).isTrue();
    assertThat(watch.modifiedMillis()).isZero();
  }

  private static boolean changedInTwoLooks(FileWatch watch) {
    boolean first = watch.changed();
    return watch.changed() || first;
  }
}
