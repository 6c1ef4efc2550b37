package io.tidegate.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeedingTest {
  private final ObjectMapper json = new ObjectMapper();

  @Test
  void aRowForEachOfTheCustomers() {
    List<String> rows = Seeding.rows(5, 104).lines().toList();
    assertThat(rows).hasSize(100);
    assertThat(rows.getFirst()).startsWith("1000005\t");
    assertThat(rows.getLast()).startsWith("1000104\t");
  }

  @Test
  void columnsAreWhatTheProjectionWrites() throws IOException {
    for (String row : Seeding.rows(1, 500).lines().toList()) {
      String[] columns = row.split("\t", -1);
      assertThat(columns).hasSize(11);
      var counts = json.readTree(columns[4]);
      long purchases = counts.path("Order Completed").asLong();
      long interactions = purchases + counts.path("Product Viewed").asLong();
      assertThat(columns[5]).isEqualTo(Long.toString(purchases));
      assertThat(columns[6]).isEqualTo(Long.toString(interactions));
      // The rule that a node has by default.
      assertThat(columns[7])
          .isEqualTo(purchases > 5 && interactions > 10 ? "{high-value}" : "{potential}");
      assertThat(json.readTree(columns[3]).path("email").asText()).startsWith(columns[0] + "@");
    }
  }
}
