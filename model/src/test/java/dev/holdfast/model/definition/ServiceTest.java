package dev.holdfast.model.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.Examples;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceTest {
  private static Service service(String name) {
    return new Service(name, "postgres:17", Map.of(), List.of(), port(5432, Optional.empty()));
  }

  private static Service.Ready port(int port, Optional<String> within) {
    return new Service.Ready.Port(port, within.map(TimeLimit::new));
  }

  private static Job job(Optional<String> image, Optional<Tier> tier, List<Service> services) {
    Job plain = Examples.job("test");
    return new Job(
        plain.name(),
        plain.needs(),
        plain.runsOn(),
        image,
        plain.env(),
        plain.matrix(),
        plain.directory(),
        plain.when(),
        plain.timeout(),
        tier,
        plain.user(),
        services,
        Optional.empty(),
        List.of(),
        plain.steps());
  }

  private static List<Problem> problems(
      Optional<String> image, Optional<Tier> tier, Service... services) {
    return Validation.problems(List.of(Examples.workflow(job(image, tier, List.of(services)))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"db", "a", "my-cache-2", "x23456789-x23456789-x23456789-x23456789"})
  void hostNamesAreNames(String name) {
    assertThat(service(name).name()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost",
        "DB",
        "db.example",
        "-db",
        "db-",
        "7",
        "0x7f",
        "1.2",
        "a b",
        "a\nb",
        "db:",
        "x23456789-x23456789-x23456789-x23456789-x23456789-x23456789-x23456"
      })
  void whatIsNoHostNameOrReadsLikeAnAddress_isNone(String name) {
    assertThatThrownBy(() -> service(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the service's name")
        .hasMessageContaining("starting with a letter");
  }

  @Test
  void imagesAndVariables_areHeldToTheRulesOfJobs() {
    Service.Ready ready = port(1, Optional.empty());
    assertThatThrownBy(() -> new Service("db", "--privileged", Map.of(), List.of(), ready))
        .hasMessageContaining("is not a reference");
    assertThatThrownBy(() -> new Service("db", "a:1", Map.of("A=B", "x"), List.of(), ready))
        .hasMessageContaining("is not the name of an environment variable");
    assertThatThrownBy(() -> new Service("db", "a:1", Map.of(), List.of("a\0b"), ready))
        .hasMessageContaining("NUL");
    assertThatThrownBy(
            () -> new Service("db", "a:1", Map.of(), Collections.nCopies(101, "x"), ready))
        .hasMessageContaining("the most is 100");
  }

  @Test
  void aServiceHasAMinuteToBeReady_unlessItSaysOtherwise() {
    assertThat(port(1, Optional.empty()).patience()).isEqualTo(Duration.ofMinutes(1));
    assertThat(port(65535, Optional.of("10m")).patience()).isEqualTo(Duration.ofMinutes(10));
    assertThatThrownBy(() -> port(1, Optional.of("601s"))).hasMessageContaining("at most 10m");
    assertThatThrownBy(() -> port(0, Optional.empty())).hasMessageContaining("is not a port");
    assertThatThrownBy(() -> port(65536, Optional.empty())).hasMessageContaining("is not a port");
    assertThatThrownBy(() -> new Service.Ready.Command(" ", Optional.empty()))
        .hasMessageContaining("is empty");
  }

  @Test
  void servicesOfOneJobHaveNamesOfTheirOwn_andAreAtMostEight() {
    Optional<String> image = Optional.of("debian:12");
    assertThat(problems(image, Optional.empty(), service("a"), service("b"))).isEmpty();
    assertThat(problems(image, Optional.empty(), service("a"), service("b"), service("a")))
        .singleElement()
        .satisfies(problem -> {
          assertThat(problem.path()).isEqualTo("workflows[ci].jobs[test].services[a]");
          assertThat(problem.message())
              .isEqualTo("two services of job test are named a; rename one of them");
        });
    assertThatThrownBy(() -> job(image, Optional.empty(), Collections.nCopies(9, service("a"))))
        .hasMessageContaining("there are 9 services of job test; the most is 8");
  }

  @Test
  void onlyAJobForContainersHasServices() {
    assertThat(problems(Optional.empty(), Optional.empty(), service("a")))
        .singleElement()
        .extracting(Problem::message)
        .asString()
        .contains("job test has services", "give it one");
    assertThat(problems(Optional.of("a:1"), Optional.of(Tier.MICROVM), service("a")))
        .singleElement()
        .extracting(Problem::message)
        .asString()
        .contains("wants the tier microvm", "lower its tier to container");
    assertThat(problems(Optional.of("a:1"), Optional.of(Tier.NAMESPACES), service("a"))).isEmpty();
  }
}
