package io.tidegate.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BehaviourFileTest {
  @TempDir Path dir;

  @ParameterizedTest
  @CsvSource({
    "pv, Product Viewed",
    "cart, Product Added",
    "fav, Product Added to Wishlist",
    "buy, Order Completed"
  })
  void aRowBecomesATrackEvent(String kind, String event) throws Exception {
    var row = Behaviour.parse("999477,2200475,3607361," + kind + ",1511848894");
    assertThat(row.toEvent("m-1"))
        .isEqualTo(
            "{\"type\":\"track\",\"event\":\""
                + event
                + "\",\"userId\":\"999477\",\"messageId\":\"m-1\","
                + "\"timestamp\":\"2017-11-28T06:01:34Z\","
                + "\"properties\":{\"productId\":\"2200475\",\"category\":\"3607361\"}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1,2,3,pv|4 fields",
        "1,2,3,pv,5,6|6 fields",
        "1,2,3,view,5|behaviour: 'view' (expected: pv, cart, fav or buy)",
        ",2,3,pv,5|user: '' (expected: 1 to 128 characters)",
        "1, ,3,pv,5|item: ' '",
        "1,2,,pv,5|category: ''",
        "1,2,3,pv,-5|time: '-5'",
        "1,2,3,pv,now|time: 'now'",
        "1,2,3,pv,9999999999|time: '9999999999' (expected: seconds from 0 to the year 2100)",
      })
  void aMalformedRowSaysWhatWasExpected(String line, String message) {
    assertThatThrownBy(() -> Behaviour.parse(line))
        .isInstanceOf(Behaviour.Malformed.class)
        .hasMessageContaining(message);
  }

  @Test
  void noLineBreaksTheParser() {
    var random = new Random(11);
    String alphabet = "0123456789,,,,pvcartfavbuy \u0000\"\\中";
    int good = 0;
    for (int i = 0; i < 50_000; i++) {
      var line = new StringBuilder();
      if (random.nextInt(4) == 0) {
        line.append("1,2,3,pv,");
      }
      for (int length = random.nextInt(30); length > 0; length--) {
        line.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      try {
        Behaviour.parse(line.toString());
        good++;
      } catch (Behaviour.Malformed e) {
        assertThat(e.getMessage()).contains("expected:");
      }
    }
    assertThat(good).isBetween(1, 49_999);
  }

  @Test
  void everyRowHasItsOwnIdAndTheSameOneNextTime() throws Exception {
    Path file = write("1,2,3,pv,10", "1,2,3,pv,10", "1,2,4,pv,10", "1,2,3,pv,10", "2,2,3,buy,11");
    var first = ids(file);
    assertThat(first).hasSize(5).doesNotHaveDuplicates().allMatch(id -> id.startsWith("row-"));
    assertThat(ids(file)).isEqualTo(first);
  }

  @Test
  void aRowKeepsItsIdInALongerFile() throws Exception {
    var alone = ids(write("1,2,3,pv,10"));
    var longer = ids(write("9,9,9,buy,1", "1,2,3,pv,10", "1,2,3,pv,10"));
    assertThat(longer.get(1)).isEqualTo(alone.getFirst());
    assertThat(longer.get(2)).isNotEqualTo(alone.getFirst());
  }

  @Test
  void badRowsAreNamedByLineAndLeftOut() throws Exception {
    var lines = new ArrayList<String>(List.of("1,2,3,pv,10", "", "bad"));
    for (int i = 0; i < 20; i++) {
      lines.add("1,2,3,pv,x" + i);
    }
    Path file = write(lines.toArray(String[]::new));
    var checked = BehaviourFile.check(file);
    assertThat(checked.rows()).isEqualTo(1);
    assertThat(checked.badRows()).isEqualTo(21);
    assertThat(checked.problems()).hasSize(10);
    assertThat(checked.problems().getFirst()).startsWith(file + ":3: 1 fields");
    assertThat(ids(file)).hasSize(1);
  }

  @Test
  void manyRowsAndWindowsLineEnds() throws Exception {
    var text = new StringBuilder();
    for (int i = 0; i < 10_000; i++) {
      text.append(i % 97).append(",1,2,pv,").append(i % 1_000).append("\r\n");
    }
    Path file = Files.writeString(dir.resolve("many.csv"), text);
    assertThat(BehaviourFile.check(file).rows()).isEqualTo(10_000);
    assertThat(ids(file)).hasSize(10_000).doesNotHaveDuplicates();
  }

  @Test
  void theReaderStopsWhenToldTo() throws Exception {
    var seen = new ArrayList<String>();
    BehaviourFile.check(write("1,2,3,pv,1", "1,2,3,pv,2", "1,2,3,pv,3"))
        .forEach(
            (row, id) -> {
              seen.add(id);
              return seen.size() < 2;
            });
    assertThat(seen).hasSize(2);
  }

  private Path write(String... lines) throws IOException {
    return Files.write(Files.createTempFile(dir, "rows", ".csv"), List.of(lines));
  }

  private static List<String> ids(Path file) throws Exception {
    var ids = new ArrayList<String>();
    BehaviourFile.check(file).forEach((row, id) -> ids.add(id));
    return ids;
  }
}
