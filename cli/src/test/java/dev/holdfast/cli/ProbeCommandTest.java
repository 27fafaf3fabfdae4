package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code holdfast probe}; what its attacks find is the probe's own tests' matter. */
class ProbeCommandTest {
  private static final Path DIST =
      Path.of(System.getenv().getOrDefault("HOLDFAST_DIST", "../dist"))
          .toAbsolutePath()
          .normalize();

  @TempDir Path directory = Path.of("");

  private Cli cli() {
    return new Cli(directory)
        .with(Clock.systemUTC())
        .with("HOLDFAST_HOME", DIST.toString())
        .with("XDG_CACHE_HOME", directory.resolve("cache").toString());
  }

  @Test
  void theCatalogueIsListed() {
    Cli.Result all = cli().run("probe", "--list");
    assertThat(all.code()).isZero();
    assertThat(all.out())
        .contains("file.host-path", "git.hooks", "in namespaces stopped by own-files");
    assertThat(cli().run("probe", "--list", "--only", "git.*").out())
        .contains("git.hooks")
        .doesNotContain("file.host-path");
  }

  @Test
  void whatIsNotThereIsRefusedBeforeAnythingRuns() {
    Cli.Result glob = cli().run("probe", "--only", "files.*");
    assertThat(glob.code()).isEqualTo(4);
    assertThat(glob.err()).contains("no attack fits --only \"files.*\"");
    Cli.Result part = cli().run("probe", "--without", "luck");
    assertThat(part.code()).isEqualTo(2);
    assertThat(part.err()).contains("\"luck\" is no part of the wall", "own-files");
    Cli.Result agent = cli().run("probe", "--agent-data", "nowhere");
    assertThat(agent.code()).isEqualTo(4);
    assertThat(agent.err()).contains("there is no folder of an agent at", "nowhere/agent");
    Cli.Result both = cli().run("probe", "--agent-data", ".", "--without", "own-files");
    assertThat(both.code()).isEqualTo(2);
    assertThat(both.err()).contains("says nothing of the agent");
  }

  @Test
  void aProbeOfThisHostLeavesItsReportAndNothingElse() throws Exception {
    Assumptions.assumeTrue(
        Files.exists(DIST.resolve("runner/VERSION")),
        "SKIPPED: there is no distribution; script/build makes one");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    String[] one = {"probe", "--backend", "namespaces", "--only", "protocol.success-*"};
    Files.createDirectory(directory.resolve("agent"));
    Cli.Result held =
        cli().run(with(one, "--json", "r.json", "--html", "r.html", "--agent-data", "."));
    assertThat(held.out())
        .contains("P3  the wall is a real one", "protocol.success-before-the-steps")
        .contains("Everything that was run held: 2 held, 0 not held");
    assertThat(held.err()).contains("namespaces  protocol.success-before-the-steps", "Wrote ");
    assertThat(held.code()).isZero();
    assertThat(directory.resolve("r.json")).content().contains("\"held\":true");
    assertThat(directory.resolve("agent/probe.json"))
        .content()
        .contains("\"whole\":false", "\"backend\":\"namespaces\",\"held\":2,\"broken\":0");
    assertThat(directory.resolve("r.html")).content().contains("<!DOCTYPE html>", "2 held");

    Cli.Result red = cli().run(with(one, "--without", "channel-bounds"));
    assertThat(red.out()).contains("NOT HELD", "Red, as it must be: 2 attacks");
    assertThat(red.code()).isEqualTo(1);
    try (var left = Files.list(directory.resolve("cache/holdfast/run"))) {
      assertThat(left).isEmpty();
    }
  }

  private static String[] with(String[] first, String... more) {
    String[] all = java.util.Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return all;
  }
}
