package dev.holdfast.orchestrator.definition;

import static dev.holdfast.orchestrator.definition.Given.errors;
import static dev.holdfast.orchestrator.definition.Given.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Service;
import dev.holdfast.model.definition.Service.Ready;
import dev.holdfast.model.definition.TimeLimit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class YamlServicesTest {
  private static List<Service> services(String... lines) {
    return workflow(
            "on: push\njobs:\n  a:\n    image: x\n    steps: make\n    services:",
            "      " + String.join("\n      ", lines))
        .jobs()
        .getFirst()
        .services();
  }

  private static void refused(String error, String... lines) {
    assertThat(
            errors(
                "on: push\njobs:\n  a:\n    image: x\n    steps: make\n    services:",
                "      " + String.join("\n      ", lines)))
        .singleElement()
        .asString()
        .startsWith(".holdfast/ci.yaml" + error)
        .hasLineCount(1);
  }

  @Test
  void everythingThatAServiceCanHave() {
    assertThat(
            services(
                "db:",
                "  image: postgres:17",
                "  env: {POSTGRES_PASSWORD: test, PORT: 5432}",
                "  command: [postgres, -c, fsync=off]",
                "  ready: {run: pg_isready -U postgres, within: 2m}",
                "cache: {image: redis:8, ready: 6379}",
                "queue: {image: q, ready: {port: 5672, within: 90s}}",
                "fake: {image: f, ready: test -e /tmp/ready}"))
        .containsExactly(
            new Service(
                "db",
                "postgres:17",
                Map.of("POSTGRES_PASSWORD", "test", "PORT", "5432"),
                List.of("postgres", "-c", "fsync=off"),
                new Ready.Command("pg_isready -U postgres", Optional.of(new TimeLimit("2m")))),
            plain("cache", "redis:8", new Ready.Port(6379, Optional.empty())),
            plain("queue", "q", new Ready.Port(5672, Optional.of(new TimeLimit("90s")))),
            plain("fake", "f", new Ready.Command("test -e /tmp/ready", Optional.empty())));
  }

  private static Service plain(String name, String image, Ready ready) {
    return new Service(name, image, Map.of(), List.of(), ready);
  }

  @Test
  void whatIsWrong_isNamedAtItsLineWithTheMend() {
    refused(":7: jobs.a.services.db: lacks ready: a port, or a script", "db: {image: x}");
    refused(":7: jobs.a.services.db: lacks image", "db: {ready: 1}");
    refused(":7: jobs.a.services.db: lacks image", "db:");
    refused(":7: jobs.a.services.DB: the service's name \"DB\"", "DB: {image: x, ready: 1}");
    refused(
        ":7: jobs.a.services.db: the image \"X Y\" is not a reference",
        "db:",
        "  image: X Y",
        "  ready: 1");
    refused(":7: jobs.a.services.db.ready: 70000 is not a port", "db: {image: x, ready: 70000}");
    refused(":7: jobs.a.services.db.ready: -1 is not a port", "db: {image: x, ready: -1}");
    refused(
        ":7: jobs.a.services.db.ready: wants one of port and run",
        "db: {image: x, ready: {port: 1, run: x}}");
    refused(
        ":7: jobs.a.services.db.ready: wants one of port and run",
        "db: {image: x, ready: {within: 5s}}");
    refused(
        ":7: jobs.a.services.db.ready.port: is not a number",
        "db: {image: x, ready: {port: http}}");
    refused(
        ":7: jobs.a.services.db.command: is one text; write a list of words",
        "db: {image: x, ready: 1, command: run it}");
    refused(
        ":7: jobs.a.services.db: has the unknown key \"volumes\"; known are image, env, command,"
            + " ready",
        "db: {image: x, ready: 1, volumes: ['/:/host']}");
    refused(
        ":7: jobs.a.services.db: has the unknown key \"privileged\"",
        "db: {image: x, ready: 1, privileged: true}");
  }

  @Test
  void aJobWithoutAnImage_hasNoServices() {
    assertThat(
            errors(
                "on: push",
                "jobs:",
                "  a:",
                "    steps: make",
                "    services: {db: {image: x, ready: 1}}"))
        .singleElement()
        .asString()
        .startsWith(".holdfast/ci.yaml:5: jobs.a.services: job a has services")
        .contains("give it one");
  }
}
