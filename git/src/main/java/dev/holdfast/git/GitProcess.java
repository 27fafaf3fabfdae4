package dev.holdfast.git;

import dev.holdfast.model.json.Quote;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * One run of git: an environment from scratch, a hardened configuration, bounded time and output.
 *
 * <p>The configuration given here wins over what a repository itself says, so that no repository
 * can make git run a program: no hooks, no filters, no helpers, no submodules, no other protocols.
 */
final class GitProcess {
  private static final List<String> HARDENED =
      List.of(
          "core.hooksPath=/dev/null",
          "core.fsmonitor=false",
          "core.attributesFile=/dev/null",
          "core.excludesFile=/dev/null",
          "core.askPass=",
          "core.gitProxy=",
          "core.protectHFS=true",
          "core.protectNTFS=true",
          "core.alternateRefsCommand=",
          "credential.helper=",
          "diff.external=",
          "submodule.recurse=false",
          "fetch.recurseSubmodules=false",
          "fetch.fsckObjects=true",
          "transfer.bundleURI=false",
          "gc.auto=0",
          "maintenance.auto=false",
          "advice.detachedHead=false",
          "protocol.ext.allow=never",
          // A repository on this host may belong to another user, such as the one pushes come as.
          "safe.directory=*",
          "http.followRedirects=initial",
          "http.lowSpeedLimit=1000",
          "http.lowSpeedTime=30");

  /** What git may say on standard error before it is cut. */
  private static final int MOST_ERRORS = 16 * 1024;

  private final Path home;
  private final Duration timeout;

  /**
   * @param home an empty folder of ours
   * @param timeout for each run
   */
  GitProcess(Path home, Duration timeout) {
    this.home = home;
    this.timeout = timeout;
  }

  /** What a run printed, if it ended well or with a status that the caller expects. */
  record Result(int exit, byte[] out) {
    String text() {
      return new String(out, StandardCharsets.UTF_8);
    }
  }

  /**
   * Runs git.
   *
   * @param doing for the error: "cannot " + doing
   * @param most bytes of output; more is a failure
   * @param alsoFine exit statuses besides 0 that are an answer
   */
  Result run(
      String doing,
      Path directory,
      String protocols,
      byte[] input,
      int most,
      List<Integer> alsoFine,
      List<String> arguments)
      throws GitFailed {
    Process process;
    try {
      process = start(directory, protocols, arguments);
    } catch (IOException e) {
      throw new GitFailed("cannot " + doing + ": git does not start: " + e.getMessage(), e);
    }
    var out = read(process.getInputStream(), most);
    var err = read(process.getErrorStream(), MOST_ERRORS);
    try {
      try (var stdin = process.getOutputStream()) {
        stdin.write(input);
      } catch (IOException e) {
        // Git ended before it read everything; its exit status and words say why.
      }
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new GitFailed(
            "cannot " + doing + ": git gave no answer within " + timeout.toSeconds() + " s");
      }
      byte[] printed = out.get();
      String said = new String(err.get(), StandardCharsets.UTF_8);
      if (printed.length > most) {
        throw new GitTooLarge("cannot " + doing + ": it is larger than " + most + " bytes");
      }
      if (process.exitValue() != 0 && !alsoFine.contains(process.exitValue())) {
        throw new GitFailed("cannot " + doing + ": " + oneLine(said, process.exitValue()));
      }
      return new Result(process.exitValue(), printed);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GitFailed("cannot " + doing + ": interrupted", e);
    } catch (ExecutionException e) {
      throw new GitFailed("cannot " + doing + ": git's output broke off", e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private Process start(Path directory, String protocols, List<String> arguments)
      throws IOException {
    var command = new ArrayList<String>();
    command.add("git");
    for (String setting : HARDENED) {
      command.add("-c");
      command.add(setting);
    }
    command.addAll(arguments);
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    Map<String, String> env = builder.environment();
    String path = env.getOrDefault("PATH", "/usr/bin:/bin");
    String sshAgent = env.get("SSH_AUTH_SOCK");
    env.clear();
    env.put("PATH", path);
    env.put("HOME", home.toString());
    env.put("LC_ALL", "C");
    env.put("GIT_CONFIG_NOSYSTEM", "1");
    env.put("GIT_CONFIG_GLOBAL", home.resolve("gitconfig").toString());
    env.put("GIT_TERMINAL_PROMPT", "0");
    env.put("GIT_OPTIONAL_LOCKS", "0");
    env.put("GIT_NO_REPLACE_OBJECTS", "1");
    env.put("GIT_ALLOW_PROTOCOL", protocols);
    env.put("GIT_PROTOCOL_FROM_USER", "0");
    env.put("GIT_SSH_COMMAND", "ssh -oBatchMode=yes -oConnectTimeout=20");
    if (sshAgent != null) {
      env.put("SSH_AUTH_SOCK", sshAgent);
    }
    return builder.start();
  }

  /** Reads to the end, keeping one byte more than {@code most}, so that a caller can tell. */
  private static CompletableFuture<byte[]> read(InputStream in, int most) {
    var done = new CompletableFuture<byte[]>();
    Thread.ofVirtual()
        .start(() -> {
          try (in) {
            byte[] kept = in.readNBytes(most + 1);
            byte[] waste = new byte[8192];
            while (in.read(waste) >= 0) {
              // Read on, so that git is not stuck on a full pipe.
            }
            done.complete(kept);
          } catch (IOException e) {
            done.completeExceptionally(e);
          }
        });
    return done;
  }

  private static String oneLine(String said, int exit) {
    String words =
        said.lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .filter(line -> line.startsWith("fatal:") || line.startsWith("error:"))
            .findFirst()
            .or(() -> said.lines().map(String::strip).filter(l -> !l.isEmpty()).findFirst())
            .orElse("git ended with status " + exit);
    String quoted = Quote.of(words, 300);
    return quoted.substring(1, quoted.length() - 1);
  }
}
