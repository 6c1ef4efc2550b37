package io.tidegate.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LiteralsTest {
  @Test
  void findsAPartOfAPath() {
    Literals<Integer> literals = new Literals<>(Map.of("api", 1, "ap", 2, "", 3));
    assertThat(literals.get("/api/v1", 1, 4)).isEqualTo(1);
    assertThat(literals.get("/api/v1", 1, 3)).isEqualTo(2);
    assertThat(literals.get("/api/v1", 4, 4)).isEqualTo(3);
    assertThat(literals.get("/api/v1", 5, 7)).isNull();
    assertThat(literals.get("/ap", 1, 3)).isEqualTo(2);
  }

  @Test
  void namesOfTheSameHashStayApart() {
    assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
    Literals<String> literals = new Literals<>(Map.of("Aa", "first", "BB", "second"));
    assertThat(literals.get("/Aa", 1, 3)).isEqualTo("first");
    assertThat(literals.get("/BB", 1, 3)).isEqualTo("second");
    assertThat(literals.get("/AaBB", 1, 5)).isNull();
    assertThat(literals.get("/C#", 1, 3)).as("the same hash, not there").isNull();
  }

  @Test
  void anyNumberOfThem() {
    for (int size : new int[] {0, 1, 2, 3, 4, 5, 1_000}) {
      Map<String, Integer> all = new HashMap<>();
      for (int i = 0; i < size; i++) {
        all.put("service-" + i, i);
      }
      Literals<Integer> literals = new Literals<>(all);
      all.forEach(
          (name, value) -> assertThat(literals.get(name, 0, name.length())).isEqualTo(value));
      assertThat(literals.get("service-x", 0, 9)).isNull();
    }
  }
}
