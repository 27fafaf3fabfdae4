package dev.holdfast.probe;

import dev.holdfast.agent.checkout.Checkout;
import dev.holdfast.agent.checkout.CheckoutFailed;
import dev.holdfast.agent.checkout.GitCheckout;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.git.Git;
import dev.holdfast.git.GitFailed;
import dev.holdfast.git.Remote;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Hostile repositories, as the server reads and the agent checks them out. */
final class Repositories {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** As for the definitions of workflows. */
  private static final int MOST_DEFINITIONS = 1024 * 1024;

  private static final String FOLDER = ".holdfast";

  private final Bench bench;
  private final Values values;
  private int count;

  Repositories(Bench bench, Values values) {
    this.bench = bench;
    this.values = values;
  }

  /**
   * Makes the repository, and has it read and checked out for a real job.
   *
   * @param naive by plain git, instead of Holdfast's
   */
  Verdict check(Trial.HostileRepository trial, SandboxBackend backend, boolean naive)
      throws IOException, InterruptedException {
    Path place = bench.installation().folder().resolve("git-" + bench.kind().name() + ++count);
    Files.createDirectory(place);
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path pwned = place.resolve("pwned");
    Files.writeString(place.resolve("canary"), values.canary() + "\n");
    sh(place, trial.make(), Map.of());
    String ref = Files.readString(place.resolve("ref")).strip();
    var commit = new CommitId(Files.readString(place.resolve("commit")).strip());
    var source = new Source("probe" + count, "probe", place.resolve("src").toString(), ref, commit);
    Checkout checkout =
        naive ? plainly(place, trial.naive()) : hardened(place, pwned, new GitHands(place));
    var workshop = bench.workshop(backend, withProgram(checkout), Limits.standard(), Bench.BOUNDS);
    String script = trial.job().isEmpty() ? "stopped 'nothing of it ran here'" : trial.job();
    Hearing hearing = Bench.run(Leases.of(source, Prelude.before(script)), workshop);
    if (Files.exists(pwned)) {
      return new Verdict.Through(Verdict.line("on the host: " + Files.readString(pwned)));
    }
    return switch (hearing.outcome()) {
      case Outcome.Succeeded() -> Trials.verdict(hearing, false);
      case Outcome.Refused(String why) -> new Verdict.Stopped(Verdict.line("refused: " + why));
      case Outcome.Broken(String why) ->
          why.contains("cannot ")
              ? new Verdict.Stopped(Verdict.line("refused: " + why))
              : new Verdict.Inconclusive(Verdict.line(why));
      default -> Trials.verdict(hearing, false);
    };
  }

  private Checkout withProgram(Checkout checkout) {
    return (source, workspace) -> {
      checkout.write(source, workspace);
      values.checkout().write(source, workspace);
    };
  }

  /** The folders that Holdfast's own git works in. */
  private static final class GitHands {
    private final Path home;
    private final GitCheckout checkout;
    private final Git git;

    GitHands(Path place) throws IOException {
      home = Files.createDirectory(place.resolve("home"));
      checkout = new GitCheckout(home, PATIENCE);
      git = new Git(home.resolve("git"), PATIENCE);
    }
  }

  /** All that server and agent do with it. What is read into a definition must not be a secret. */
  private Checkout hardened(Path place, Path pwned, GitHands hands) {
    return (source, workspace) -> {
      Path repository = Path.of(source.url());
      try {
        hands.git.refs(new Remote.Folder(repository), hands.home);
        hands.git.resolve(repository, source.ref());
        hands.git.changedFiles(repository, source.commit(), source.commit(), 10);
        hands.git.isAncestor(repository, source.commit(), source.commit());
        var read = hands.git.readFolder(repository, source.commit(), FOLDER, MOST_DEFINITIONS);
        for (byte[] bytes : read.values()) {
          if (new String(bytes, StandardCharsets.UTF_8).contains(values.canary())) {
            Files.writeString(pwned, "a secret of the host was read as a definition");
          }
        }
        // The mirror, as for a repository that is not on this host.
        Path mirror = place.resolve("mirror");
        hands.git.initMirror(mirror);
        hands.git.fetch(mirror, new Remote.Folder(repository), source.ref(), source.commit());
      } catch (GitFailed e) {
        throw new CheckoutFailed("refused: " + e.getMessage(), true, e);
      } catch (IOException | IllegalArgumentException e) {
        throw new CheckoutFailed("cannot check it out: " + e.getMessage(), true, e);
      }
      hands.checkout.write(source, workspace);
    };
  }

  private static Checkout plainly(Path place, String script) {
    return (source, workspace) -> {
      try {
        sh(
            place,
            "set +e\n" + script + "\ntrue",
            Map.of(
                "WS",
                workspace.toString(),
                "REF",
                source.ref(),
                "COMMIT",
                source.commit().value()));
      } catch (IOException e) {
        throw new CheckoutFailed(String.valueOf(e.getMessage()), false, e);
      }
    };
  }

  private static void sh(Path place, String script, Map<String, String> more)
      throws IOException, InterruptedException {
    Path said = Files.createTempFile(place, "said", ".txt");
    var builder =
        new ProcessBuilder(List.of("/bin/sh", "-ec", script))
            .directory(place.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile());
    Map<String, String> env = builder.environment();
    String path = env.getOrDefault("PATH", "/usr/bin:/bin");
    env.clear();
    env.put("PATH", path);
    env.put("HOME", place.toString());
    env.put("GIT_CONFIG_NOSYSTEM", "1");
    env.put("GIT_TERMINAL_PROMPT", "0");
    for (String who : List.of("AUTHOR", "COMMITTER")) {
      env.put("GIT_" + who + "_NAME", "probe");
      env.put("GIT_" + who + "_EMAIL", "probe@localhost");
    }
    env.put("SRC", place.resolve("src").toString());
    env.put("PWNED", place.resolve("pwned").toString());
    env.put("PLACE", place.toString());
    env.putAll(more);
    Process process = builder.start();
    process.getOutputStream().close();
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("a script of the probe takes too long");
    }
    if (process.exitValue() != 0) {
      throw new IOException(
          "a script of the probe failed: " + Verdict.line(Files.readString(said)));
    }
  }
}
