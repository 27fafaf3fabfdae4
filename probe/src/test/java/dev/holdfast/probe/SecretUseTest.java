package dev.holdfast.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.probe.lab.Lab;
import dev.holdfast.probe.lab.LabProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * What a job that uses a secret can do with it beside what it is for: nothing. By real jobs, in a
 * lab of network namespaces, with a host behind TLS that shows everybody what it was sent.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(300)
class SecretUseTest {
  /** So written that no file of the job has it. */
  private static final String VALUE = String.join("", "k4n", "4ry-07-") + UUID.randomUUID();

  private Path folder = Path.of("/nowhere");
  private Lab lab;
  private LabProcess host;
  private LabProcess agent;

  @BeforeAll
  void open() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "a lab is made by root");
    String dist = System.getenv("HOLDFAST_DIST");
    assumeTrue(dist != null, "HOLDFAST_DIST is not set: script/build makes a distribution");
    folder = Files.createTempDirectory("hfu");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    Path keys = folder.resolve("keys.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "a",
                "-storetype",
                "PKCS12",
                "-keystore",
                keys.toString(),
                "-storepass",
                UsedHost.PASSWORD,
                "-dname",
                "CN=test",
                "-ext",
                "san=dns:api.example.net,dns:inside.example.net,dns:rebinding.example.net,dns:host.example.net")
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
    lab = Lab.open();
    host = lab.startInNet(UsedHost.class, List.of(keys.toString()));
    agent =
        lab.startInHost(
            UsingAgent.class,
            List.of(
                folder.toString(),
                Path.of(String.valueOf(dist), "runner").toString(),
                keys.toString(),
                Path.of("../agent/src/test/resources/dev/holdfast/agent/job/hunt.pl")
                    .toAbsolutePath()
                    .toString(),
                VALUE));
  }

  @AfterAll
  void close() throws IOException {
    if (agent != null) {
      agent.close();
    }
    if (lab != null) {
      lab.close();
    }
    if (!folder.toString().equals("/nowhere")) {
      Process rm = new ProcessBuilder("rm", "-rf", "--one-file-system", folder.toString()).start();
      assertThat(rm.onExit().join().exitValue()).isZero();
    }
  }

  @BeforeEach
  void forget() {
    reached();
  }

  private List<String> run(String how) {
    return List.of(agent.ask(how).split("\t", -1));
  }

  /** What reached the host since it was asked last. */
  private List<String> reached() {
    String all = host.ask("reached");
    return all.isEmpty() ? List.of() : List.of(all.split("\t", -1));
  }

  private static String reversed(String text) {
    return new StringBuilder(text).reverse().toString();
  }

  @Test
  void aRequestWithinWhatItIsFor_hasTheSecret_andIsOnRecord() {
    List<String> ran = run("uses");
    assertThat(ran).contains("Succeeded[]", reversed("HTTP/1.1 200 answered"));
    assertThat(ran).contains("USED API GET api.example.net:8443/v1/hello 200");
    assertThat(reached())
        .containsExactly("GET " + UsingAgent.PUBLIC + " /v1/hello?q=1 Bearer " + VALUE);
  }

  @Test
  void aHostThatShowsWhatItWasSent_showsTheJobNothingOfIt() {
    // Reversed, so that the masking of the log has no part in it.
    String printed = reversed(String.join("\n", run("reflected")));
    assertThat(printed).contains("reflected ***").doesNotContain(VALUE, VALUE.substring(10));
    assertThat(reached()).singleElement().asString().endsWith("Bearer " + VALUE);
  }

  @Test
  void theHunterFindsItNowhere_beforeWhileAndAfterItIsUsed() {
    List<String> ran = run("searches");
    assertThat(ran).startsWith("Succeeded[]").contains("== before", "== during", "== after");
    assertThat(ran).filteredOn(line -> line.startsWith("LOOKED ")).hasSize(3);
    assertThat(ran).noneMatch(line -> line.startsWith("FOUND"));
    assertThat(reached()).hasSize(1);
  }

  @Test
  void positiveControl_theSameSecretThatIsGiven_isFoundWhileTheStepRuns() {
    assertThat(run("searches, given")).contains("FOUND 07 environ of sh");
  }

  @Test
  void anotherPath_method_orHost_isNotReached() {
    List<String> ran = run("elsewhere");
    assertThat(ran.subList(1, 14))
        .containsExactly(
            "HTTP/1.1 403 refused",
            "HTTP/1.1 403 refused",
            "HTTP/1.1 403 refused",
            "HTTP/1.1 403 refused",
            "HTTP/1.1 403 refused",
            "HTTP/1.1 403 refused",
            "HTTP/1.1 403 refused",
            "HTTP/1.1 403 refused",
            "HTTP/1.1 403 refused",
            "HTTP/1.1 404 refused",
            "HTTP/1.1 404 refused",
            "HTTP/1.1 404 refused",
            // The control.
            "HTTP/1.1 200 answered");
    assertThat(reached()).singleElement().asString().contains(" /v1/within ");
  }

  @Test
  void aRedirectToAnotherHost_isNotPassedOn() {
    List<String> ran = run("redirected");
    assertThat(ran).contains("HTTP/1.1 502 refused", "HTTP/1.1 200 answered");
    assertThat(String.join("\n", ran)).doesNotContain("stolen", "other.example.net");
    assertThat(reached()).hasSize(2).noneMatch(line -> line.contains("stolen"));
  }

  @Test
  void aHostInside_isNotReached_thoughTheAgentCould() {
    assertThat(String.join("\n", run("inside")))
        .contains("HTTP/1.1 502 refused", "the job may not reach it", "private");
    assertThat(String.join("\n", run("host")))
        .contains("HTTP/1.1 502 refused", "is said to be this host itself");
    assertThat(reached()).isEmpty();
  }

  @Test
  void positiveControl_aHostInsideThatTheOperatorOpens_isReached() {
    assertThat(run("inside, opened")).contains("HTTP/1.1 200 answered");
    assertThat(reached()).singleElement().asString().startsWith("GET " + UsingAgent.INSIDE);
  }

  @Test
  void aNameThatChangesInBetween_leadsWhereItWasLookedAt_orNowhere() {
    assertThat(run("rebinding")).contains("HTTP/1.1 200 answered", "HTTP/1.1 502 refused");
    assertThat(reached()).singleElement().asString().startsWith("GET " + UsingAgent.PUBLIC);
  }

  @Test
  void aHostThatCannotShowThatItIsTheOne_isSentNothing() {
    assertThat(String.join("\n", run("wrong"))).contains("HTTP/1.1 502 refused");
    assertThat(reached()).isEmpty();
  }

  @Test
  void whatAStepLeavesRunningIsEnded_andALaterStepFindsNobodyThere() {
    List<String> ran = run("leaves a process");
    // What it left is ended with it; its address answers nobody who comes later.
    assertThat(ran.subList(0, 4))
        .containsExactly("Succeeded[]", "while it runs: 200", "0", "unreachable");
  }

  @Test
  void anotherJob_andTheHostItself_areNotAnswered_whileItsOwnIs() {
    List<String> ran = run("another job");
    assertThat(ran)
        .startsWith("own [HTTP/1.1 200 answered]", "Succeeded[]", "unreachable")
        .contains("from the host: nothing");
    assertThat(reached()).singleElement().asString().contains(" /v1/own ");
  }

  @Test
  void withoutAFilteredNetwork_theStepDoesNotStart() {
    List<String> ran = run("no network");
    assertThat(ran.getFirst()).startsWith("Failed").contains("API is for use alone");
    assertThat(ran).doesNotContain("started");
  }
}
