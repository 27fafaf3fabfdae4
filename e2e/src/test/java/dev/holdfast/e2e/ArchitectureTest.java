package dev.holdfast.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.model.wire.relay.Original;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the table of modules in {@code docs/architecture.md}. */
class ArchitectureTest {
  private static final JavaClasses HOLDFAST =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.holdfast");

  /** What each module may use of the others. */
  private static final Map<String, List<String>> MAY_USE =
      Map.ofEntries(
          Map.entry("sdk", List.of()),
          Map.entry("model", List.of()),
          Map.entry("git", List.of("model")),
          Map.entry("forgedouble", List.of("model")),
          Map.entry("chromium", List.of("model")),
          Map.entry("runner", List.of("sdk", "model")),
          Map.entry("agent", List.of("model", "git")),
          Map.entry("orchestrator", List.of("model", "git")),
          Map.entry("relay", List.of("model")),
          Map.entry("probe", List.of("model", "git", "agent")),
          Map.entry(
              "cli", List.of("sdk", "model", "git", "agent", "orchestrator", "relay", "probe")));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sdk",
        "model",
        "git",
        "forgedouble",
        "chromium",
        "runner",
        "agent",
        "orchestrator",
        "relay",
        "probe",
        "cli"
      })
  void modulesUseOnlyWhatTheTableAllows(String module) {
    String[] forbidden =
        MAY_USE.keySet().stream()
            .filter(other -> !other.equals(module))
            .filter(other -> !MAY_USE.getOrDefault(module, List.of()).contains(other))
            .map(other -> "dev.holdfast." + other + "..")
            .toArray(String[]::new);
    assertThat(HOLDFAST.that(in(module))).as("classes of " + module).isNotEmpty();
    noClasses()
        .that()
        .resideInAPackage("dev.holdfast." + module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(forbidden)
        .allowEmptyShould(true)
        .check(HOLDFAST);
  }

  @Test
  void modelHasNoInputOutputNoClockAndNoThreads() {
    noClasses()
        .that()
        .resideInAPackage("dev.holdfast.model..")
        .should()
        .dependOnClassesThat(
            named(
                "java.nio.file", "java.net", "java.util.concurrent.Executor", "java.lang.Process"))
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.Thread")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .check(HOLDFAST);
  }

  @Test
  void onlyTheGitModuleStartsGitAndOnlyAFewPlacesStartProcesses() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "dev.holdfast.git..",
            "dev.holdfast.forgedouble..",
            "dev.holdfast.chromium..",
            "dev.holdfast.runner..",
            "dev.holdfast.agent.sandbox..",
            "dev.holdfast.agent.egress..",
            // The program that prints a master key, where its operator named one.
            "dev.holdfast.orchestrator.seal.command..",
            "dev.holdfast.probe..",
            "dev.holdfast.cli..",
            "dev.holdfast.bench..")
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(ProcessBuilder.class, Runtime.class)
        .check(HOLDFAST);
  }

  @Test
  void onlyTheProbeAndBenchmarksMakeSandboxesWithLessThanTheWholeWall() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.holdfast.probe..", "dev.holdfast.bench..")
        .should()
        .callMethod(Wall.class, "without", Set.class)
        .check(HOLDFAST);
  }

  @Test
  void theOrchestratorNeverLoadsOrCompilesCode() {
    ArchRule rule =
        noClasses()
            .that()
            .resideInAPackage("dev.holdfast.orchestrator..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("javax.tools..", "com.sun.tools..")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(ClassLoader.class);
    rule.check(HOLDFAST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"orchestrator", "agent", "model", "relay"})
  void featuresDoNotGoInCircles(String module) {
    slices()
        .matching("dev.holdfast." + module + ".(*)..")
        .should()
        .beFreeOfCycles()
        .check(HOLDFAST);
  }

  /** What was posted is known where it is read and where it is sealed, and nowhere else. */
  @Test
  void onlyTheIngressAndTheSealOfTheRelayKnowWhatWasPosted() {
    noClasses()
        .that()
        .resideInAPackage("dev.holdfast.relay..")
        .and()
        .resideOutsideOfPackages("dev.holdfast.relay.ingress..", "dev.holdfast.relay.seal..")
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Original.class)
        .check(HOLDFAST);
    noClasses()
        .that()
        .resideInAPackage("dev.holdfast.relay..")
        .and()
        .resideOutsideOfPackage("dev.holdfast.relay.seal..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.bouncycastle..")
        .check(HOLDFAST);
  }

  @Test
  void theRelayHasNothingToOpenWith() {
    noClasses()
        .that()
        .resideInAPackage("dev.holdfast.relay..")
        .should()
        .callMethodWhere(
            DescribedPredicate.describe(
                "opens, or has a private key",
                call ->
                    call.getTargetOwner().getPackageName().startsWith("org.bouncycastle")
                        && !SEALING.contains(call.getName())))
        .check(HOLDFAST);
    // The control: the rule sees the calls that it judges.
    assertThat(
            HOLDFAST.get("dev.holdfast.relay.seal.Sealer").getMethodCallsFromSelf().stream()
                .map(call -> call.getName())
                .filter(SEALING::contains))
        .containsAll(SEALING);
  }

  /** All that the relay may ask of the library. */
  private static final Set<String> SEALING =
      Set.of("deserializePublicKey", "setupBaseS", "seal", "getEncapsulation");

  @Test
  void everyPackageIsNullMarked() {
    List<String> unmarked =
        HOLDFAST.stream()
            .map(JavaClass::getPackage)
            .distinct()
            .filter(p -> !p.isAnnotatedWith(NullMarked.class))
            .map(JavaPackage::getName)
            .toList();
    assertThat(unmarked).isEmpty();
  }

  @Test
  void noPackageIsAnAttic() {
    List<String> attics = List.of("common", "shared", "util", "utils", "helper", "helpers", "misc");
    assertThat(
            HOLDFAST.stream()
                .map(JavaClass::getPackageName)
                .flatMap(name -> Stream.of(name.split("\\.")))
                .filter(attics::contains))
        .isEmpty();
  }

  @Test
  void theRulesSeeTheClassesTheyJudge() {
    // A rule over no classes would hold for ever: this is the control of all of the above.
    assertThat(MAY_USE.keySet()).allSatisfy(m -> assertThat(HOLDFAST.that(in(m))).isNotEmpty());
  }

  private static DescribedPredicate<JavaClass> in(String module) {
    return JavaClass.Predicates.resideInAPackage("dev.holdfast." + module + "..");
  }

  private static DescribedPredicate<JavaClass> named(String... prefixes) {
    return DescribedPredicate.describe(
        "start with " + Arrays.toString(prefixes),
        c -> Stream.of(prefixes).anyMatch(p -> c.getName().startsWith(p)));
  }
}
