package io.tidegate.node;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.EventBus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What absent Maven dependencies can't enforce. docs/architecture.md says why. */
class ArchitectureTest {
  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("/test-classes/"))
          .importPackages("io.tidegate");

  private static final List<String> CONTEXTS =
      List.of("ingestion", "projection", "routing", "ratelimit", "profile");

  /** What decides, as against what carries; tested without an event loop. */
  private static final Map<String, List<String>> PURE =
      Map.of(
          "ingestion",
          List.of(
              "BatchReader",
              "EventKind",
              "EventParser",
              "EventReader",
              "EventWriter",
              "MessageIds",
              "Requirements",
              "Timestamps",
              "Values"),
          "projection",
          List.of(
              "Backoff",
              "Condition",
              "ConditionParser",
              "Customer",
              "Event",
              "EventReader",
              "Ledger",
              "TagRules",
              "Traits"),
          "ratelimit",
          List.of("ClientAddress", "Grant", "Policies", "Policy", "Quota", "Subjects", "Subnet"),
          "profile",
          List.of("Change", "ProfileEncoder", "ProfileIds", "Stored"),
          "routing",
          List.of(
              "Balance", "Breaker", "PathPattern", "RequestPath", "Rewrite", "RouteTable", "Rule"),
          "bus",
          List.of("Heard", "RetryBudget", "SentAt", "Stamp"));

  @Test
  void theWholeSystemIsUnderTest() {
    assertThat(CODE.stream().map(c -> c.getPackageName().split("\\.", -1)[2]).distinct())
        .containsAll(CONTEXTS)
        .contains("bus", "platform", "edge", "node", "devstack", "simulate", "chaos");
  }

  @Test
  void onlyTheBusModuleTouchesTheEventBus() {
    noClasses()
        .that(resideInAPackage("io.tidegate..").and(not(resideInAPackage("io.tidegate.bus.."))))
        .should()
        .callMethod(Vertx.class, "eventBus")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(EventBus.class)
        .check(CODE);
  }

  @Test
  void aContextKnowsNoOtherContextNorTheEdge() {
    for (String context : CONTEXTS) {
      String[] others =
          Stream.concat(
                  CONTEXTS.stream().filter(other -> !other.equals(context)),
                  Stream.of("edge", "node", "simulate", "devstack"))
              .map(other -> "io.tidegate." + other + "..")
              .toArray(String[]::new);
      noClasses()
          .that(resideInAPackage("io.tidegate." + context + ".."))
          .should()
          .dependOnClassesThat(resideInAnyPackage(others))
          .check(CODE);
    }
  }

  @Test
  void nobodyKnowsTheNodeAndTheGroundKnowsNobody() {
    noClasses()
        .that(not(resideInAPackage("io.tidegate.node..")))
        .should()
        .dependOnClassesThat(resideInAPackage("io.tidegate.node.."))
        .check(CODE);
    noClasses()
        .that(resideInAPackage("io.tidegate.bus.."))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                "io.tidegate.platform..", "io.tidegate.edge..", "io.tidegate.devstack.."))
        .check(CODE);
    noClasses()
        .that(resideInAPackage("io.tidegate.platform.."))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                "io.tidegate.edge..", "io.tidegate.devstack..", "io.tidegate.simulate.."))
        .check(CODE);
  }

  @Test
  void productionCodeDoesNotNeedTheDevelopmentServers() {
    noClasses()
        .that(resideInAPackage("io.tidegate.."))
        .and()
        .haveNameNotMatching(".*\\.(UpCommand|AotCommand)(\\$.*)?")
        .and(
            not(
                resideInAnyPackage(
                    "io.tidegate.devstack..", "io.tidegate.chaos..", "io.tidegate.bench..")))
        .should()
        .dependOnClassesThat(resideInAPackage("io.tidegate.devstack.."))
        .check(CODE);
  }

  @Test
  void theEdgeKnowsOnlyNearSides() {
    noClasses()
        .that(resideInAPackage("io.tidegate.edge.."))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                    CONTEXTS.stream()
                        .map(context -> "io.tidegate." + context + "..")
                        .toArray(String[]::new))
                .and(simpleNameEndingWith("Verticle")))
        .check(CODE);
  }

  @Test
  void whatIsPureLogicKnowsNoVertx() {
    Set<String> pure =
        PURE.entrySet().stream()
            .flatMap(
                context ->
                    context.getValue().stream()
                        .map(name -> "io.tidegate." + context.getKey() + "." + name))
            .collect(Collectors.toSet());
    assertThat(CODE.stream().map(JavaClass::getName)).containsAll(pure);
    noClasses()
        .that(describe("are pure logic", c -> pure.contains(c.getName().replaceFirst("\\$.*", ""))))
        .should()
        .dependOnClassesThat(resideInAPackage("io.vertx.."))
        .check(CODE);
  }

  @Test
  void thereAreNoCyclesBetweenModules() {
    slices().matching("io.tidegate.(*)..").should().beFreeOfCycles().check(CODE);
  }

  @Test
  void nothingThatRunsOnAnEventLoopWaits() {
    // Blocking belongs to threads of one's own (consumer, sender), to the command line and to the
    // development servers.
    noClasses()
        .that(
            resideInAnyPackage(
                "io.tidegate.bus..",
                "io.tidegate.platform..",
                "io.tidegate.edge..",
                "io.tidegate.routing..",
                "io.tidegate.ratelimit..",
                "io.tidegate.profile.."))
        .should()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(java.util.concurrent.CompletableFuture.class, "get")
        .orShould()
        .callMethod(java.util.concurrent.CompletableFuture.class, "join")
        .orShould()
        .callMethod(io.vertx.core.Future.class, "await")
        .check(CODE);
  }

  @Test
  void namesSayWhatThingsAre() {
    classes()
        .that(resideInAPackage("io.tidegate..").and(not(resideInAPackage("io.tidegate.proto.."))))
        .should()
        .haveNameNotMatching(".*(Impl|Utils?|Helper|Manager)$")
        .check(CODE);
  }

  @Test
  void javaSerializationIsNotUsed() {
    noClasses()
        .that(not(resideInAPackage("io.tidegate.proto..")))
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.io.ObjectInputStream")
        .check(CODE);
  }

  @Test
  void filesCanBeReadInOneSitting() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("../.."))) {
      assertThat(
              files
                  .filter(file -> file.toString().endsWith(".java"))
                  .filter(file -> file.toString().contains("/src/main/"))
                  .filter(ArchitectureTest::longerThanASitting))
          .isEmpty();
    }
  }

  private static boolean longerThanASitting(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.count() > 350;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
