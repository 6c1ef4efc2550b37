package io.tidegate.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.Secret;
import io.smallrye.config.WithDefault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Environment variables over the files: names of the user's own, lists and their elements. */
class EnvironmentTest {
  @ConfigMapping(prefix = "shop")
  interface ShopConfig {
    List<Shelf> shelves();

    Optional<List<String>> guards();

    @WithDefault("cash,card")
    List<String> payment();

    Map<String, Till> tills();

    Map<String, Secret<String>> writeKeys();

    Optional<String> owner();

    interface Shelf {
      String label();

      @WithDefault("10")
      int width();
    }

    interface Till {
      int limit();

      Map<String, Limit> overrides();
    }

    interface Limit {
      int limit();
    }

    static void check(ShopConfig config, Checks checks) {
      config
          .guards()
          .ifPresent(all -> checks.expect(!all.contains("bad"), "shop.guards", all, "good ones"));
    }
  }

  private static final List<ConfigSection<?>> SECTIONS =
      List.of(new ConfigSection<>(ShopConfig.class, ShopConfig::check));

  private static final String YAML =
      """
      shop:
        shelves: [{label: tea}, {label: salt, width: 3}]
        guards: [ann, "bob,junior", cy]
        tills:
          frontDoor: {limit: 1}
          back.door: {limit: 2, overrides: {vip: {limit: 9}}}
      """;

  @TempDir Path conf;

  @Test
  void anElementLeavesTheOthersAsTheyAre() throws IOException {
    ShopConfig config =
        load(
            YAML,
            Map.of(
                "TIDEGATE_SHOP_SHELVES_0__WIDTH", "4",
                "TIDEGATE_SHOP_SHELVES_2__LABEL", "new",
                "TIDEGATE_SHOP_GUARDS_2_", "d,e",
                "TIDEGATE_SHOP_GUARDS_3_", "f",
                "TIDEGATE_SHOP_PAYMENT_1_", "coupon"));
    assertThat(config.shelves())
        .extracting(ShopConfig.Shelf::label)
        .containsExactly("tea", "salt", "new");
    assertThat(config.shelves()).extracting(ShopConfig.Shelf::width).containsExactly(4, 3, 10);
    assertThat(config.guards()).contains(List.of("ann", "bob,junior", "d,e", "f"));
    assertThat(config.payment()).as("over the default").containsExactly("cash", "coupon");
  }

  @Test
  void anElementCountsOverAListThatIsSetWhole() throws IOException {
    ShopConfig config =
        load(YAML, Map.of("TIDEGATE_SHOP_GUARDS", "x,y", "TIDEGATE_SHOP_GUARDS_1_", "z"));
    assertThat(config.guards()).contains(List.of("x", "z"));
    assertThat(load("shop: {guards: 'p,q'}", Map.of("TIDEGATE_SHOP_GUARDS_0_", "z")).guards())
        .contains(List.of("z", "q"));
    assertThat(load(YAML, Map.of("TIDEGATE_SHOP_GUARDS", "x")).guards()).contains(List.of("x"));
    assertThat(load("", Map.of("TIDEGATE_SHOP_SHELVES_0__LABEL", "only")).shelves()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "TIDEGATE_SHOP_GUARDS_4_, an index of 0 to 3",
    "TIDEGATE_SHOP_SHELVES_3__LABEL, an index of 0 to 2",
    "TIDEGATE_SHOP_SHELVES_0_LABEL, did you mean TIDEGATE_SHOP_SHELVES_0__LABEL?",
    "TIDEGATE_SHOP_SHELVES_00__LABEL, did you mean TIDEGATE_SHOP_SHELVES_0__LABEL?",
    "TIDEGATE_SHOP_SHELVES_0__LABLE, did you mean TIDEGATE_SHOP_SHELVES_0__LABEL?",
    "TIDEGATE_SHOP_GUARDS_0, did you mean TIDEGATE_SHOP_GUARDS_0_?",
    "TIDEGATE_SHOP_SHELVES, a known key",
    "TIDEGATE_SHOP_TILLS_FRONTDOOR_COLOUR, a known key",
  })
  void whatMeansNoElementIsRefused(String variable, String expected) throws IOException {
    assertThat(problems(YAML, Map.of(variable, "x")))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.file()).isEqualTo("environment");
              assertThat(problem.key()).isEqualTo(variable);
              assertThat(problem.expected()).contains(expected);
            });
  }

  @Test
  void namesKeepTheSpellingOfTheFile() throws IOException {
    ShopConfig config =
        load(
            YAML,
            Map.of(
                "TIDEGATE_SHOP_TILLS_FRONTDOOR_OVERRIDES_VERY_BIG_LIMIT", "5",
                "TIDEGATE_SHOP_TILLS_BACK_DOOR_LIMIT", "6",
                "TIDEGATE_SHOP_TILLS__BACK_DOOR__OVERRIDES_VIP_LIMIT", "7",
                "TIDEGATE_SHOP_TILLS_NEW_ONE_LIMIT", "8"));
    assertThat(config.tills()).containsOnlyKeys("frontDoor", "back.door", "new-one");
    assertThat(config.tills().get("frontDoor").overrides().get("very-big").limit()).isEqualTo(5);
    assertThat(config.tills().get("back.door").limit()).isEqualTo(6);
    assertThat(config.tills().get("back.door").overrides().get("vip").limit()).isEqualTo(7);
  }

  @Test
  void aVariableThatMayMeanTwoNamesIsRefused() throws IOException {
    String twins = "shop: {tills: {a-b: {limit: 1}, a_b: {limit: 2}}}";
    assertThat(problems(twins, Map.of("TIDEGATE_SHOP_TILLS_A_B_LIMIT", "3")))
        .extracting(Problem::toString)
        .containsExactly(
            "environment: TIDEGATE_SHOP_TILLS_A_B_LIMIT: *** (expected: a variable that can't mean"
                + " shop.tills.a-b.limit and shop.tills.a_b.limit)");
    assertThat(
            problems(
                YAML,
                Map.of(
                    "TIDEGATE_SHOP_TILLS_BACK_DOOR_LIMIT", "3",
                    "TIDEGATE_SHOP_TILLS__BACK_DOOR__LIMIT", "4")))
        .singleElement()
        .satisfies(problem -> assertThat(problem.expected()).contains("only one variable"));
  }

  @Test
  void problemsNameTheVariable() throws IOException {
    assertThat(
            problems(
                YAML,
                Map.of(
                    "TIDEGATE_SHOP_SHELVES_1__WIDTH", "wide",
                    "TIDEGATE_SHOP_TILLS_FRONTDOOR_LIMIT", "",
                    "TIDEGATE_SHOP_GUARDS_1_", "")))
        .extracting(Problem::toString)
        .containsExactlyInAnyOrder(
            "environment: TIDEGATE_SHOP_SHELVES_1__WIDTH: wide (expected: an integer value)",
            "environment: TIDEGATE_SHOP_TILLS_FRONTDOOR_LIMIT: missing (expected: a value)",
            "environment: TIDEGATE_SHOP_GUARDS_1_: missing (expected: a value)");
    assertThat(problems(YAML, Map.of("TIDEGATE_SHOP_GUARDS_0_", "bad")))
        .extracting(Problem::toString)
        .containsExactly(
            "environment: TIDEGATE_SHOP_GUARDS_0_: [bad, bob,junior, cy] (expected: good ones)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"hunter2${nowhere}", "${hunter2}", "hunter2${", "${shop.hunter2}x"})
  void whatStandsForNothingInASecretIsToldWithoutIt(String secret) throws IOException {
    assertThat(problems("shop:\n  write-keys: {web: '" + secret + "'}", Map.of()))
        .singleElement()
        .asString()
        .startsWith("tidegate.yaml: shop.write-keys.web: *** (expected: for each ${...} a key")
        .doesNotContain("hunter2");
    assertThat(problems("", Map.of("TIDEGATE_SHOP_WRITE_KEYS_WEB", secret)))
        .singleElement()
        .asString()
        .startsWith("environment: TIDEGATE_SHOP_WRITE_KEYS_WEB: *** (expected: for each ${...}")
        .doesNotContain("hunter2");
  }

  @Test
  void whatStandsForNothingInAnOptionalValueIsNotLeftOut() throws IOException {
    assertThat(problems("shop: {owner: '${OWNER}', guards: [a, '${OWNER}']}", Map.of()))
        .extracting(Problem::key, Problem::value)
        .containsExactlyInAnyOrder(
            tuple("shop.owner", "${OWNER}"), tuple("shop.guards[1]", "${OWNER}"));
    assertThat(
            problems(
                "shop: {guards: [a, '${OWNER}']}",
                Map.of("TIDEGATE_SHOP_GUARDS_0_", "${NOBODY}", "TIDEGATE_SHOP_GUARDS_1_", "b")))
        .extracting(Problem::key, Problem::value)
        .containsExactly(tuple("TIDEGATE_SHOP_GUARDS_0_", "${NOBODY},b"));
    assertThat(load("shop: {owner: 'a\\${b}$c${x:d}'}", Map.of()).owner()).contains("a${b}$cd");
  }

  @Test
  void tellsWhatSetsAKey() throws IOException {
    Configuration configuration =
        ConfigLoader.load(
            List.of(file(YAML)),
            Map.of("TIDEGATE_SHOP_OWNER", "eve", "TIDEGATE_SHOP_PAYMENT_0_", "x"),
            Map.of("shop.write-keys.web", "k"),
            SECTIONS);
    assertThat(configuration.givenBy("shop.owner")).contains("TIDEGATE_SHOP_OWNER");
    assertThat(configuration.givenBy("shop.payment")).contains("TIDEGATE_SHOP_PAYMENT_0_");
    assertThat(configuration.givenBy("shop.guards")).contains("tidegate.yaml");
    assertThat(configuration.givenBy("shop.write-keys.web")).contains("command line");
    assertThat(configuration.givenBy("shop.nothing")).isEmpty();
  }

  private ShopConfig load(String yaml, Map<String, String> environment) throws IOException {
    return ConfigLoader.load(List.of(file(yaml)), environment, Map.of(), SECTIONS)
        .get(ShopConfig.class);
  }

  private List<Problem> problems(String yaml, Map<String, String> environment) throws IOException {
    Path file = file(yaml);
    return catchThrowableOfType(
            ConfigurationException.class,
            () -> ConfigLoader.load(List.of(file), environment, Map.of(), SECTIONS))
        .problems();
  }

  private Path file(String yaml) throws IOException {
    return Files.writeString(conf.resolve("tidegate.yaml"), yaml);
  }
}
