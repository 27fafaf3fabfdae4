package dev.holdfast.forgedouble;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A bare repository, changed with git's own plumbing. */
final class GitStore {
  private final Path bare;

  private GitStore(Path bare) {
    this.bare = bare;
  }

  static GitStore make(Path bare) {
    var store = new GitStore(bare);
    try {
      Files.createDirectories(bare);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    store.run(Map.of(), "init", "-q", "--bare", "-b", "main", ".");
    // As GitHub and Gitea have it, so that a commit can be asked for by its hash.
    store.run(Map.of(), "config", "uploadpack.allowAnySHA1InWant", "true");
    return store;
  }

  Path path() {
    return bare;
  }

  String at(String ref) {
    return run(Map.of(), "rev-parse", "--verify", ref + "^{commit}");
  }

  Optional<String> maybe(String ref) {
    try {
      return Optional.of(at(ref));
    } catch (IllegalStateException e) {
      return Optional.empty();
    }
  }

  /**
   * Makes a commit with these files beside those of {@code parent}; no ref changes.
   *
   * @param author whoever it claims, as {@code Name <mail>}
   */
  String commit(Optional<String> parent, Map<String, String> files, String author) {
    Path index = bare.resolve("index-of-the-double");
    Map<String, String> env = Map.of("GIT_INDEX_FILE", index.toString());
    try {
      Files.deleteIfExists(index);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    parent.ifPresent(commit -> run(env, "read-tree", commit));
    files.forEach((path, text) -> {
      String blob = fed(text, Map.of(), "hash-object", "-w", "--stdin");
      run(env, "update-index", "--add", "--cacheinfo", "100644," + blob + "," + path);
    });
    String tree = run(env, "write-tree");
    int mail = author.indexOf('<');
    String name = author.substring(0, mail).strip();
    String address = author.substring(mail + 1, author.length() - 1);
    var command = new ArrayList<>(List.of("commit-tree", tree, "-m", "a change"));
    parent.ifPresent(commit -> command.addAll(List.of("-p", commit)));
    return run(
        Map.of(
            "GIT_AUTHOR_NAME",
            name,
            "GIT_AUTHOR_EMAIL",
            address,
            "GIT_COMMITTER_NAME",
            name,
            "GIT_COMMITTER_EMAIL",
            address),
        command.toArray(String[]::new));
  }

  void set(String ref, String commit) {
    run(Map.of(), "update-ref", ref, commit);
  }

  void remove(String ref) {
    run(Map.of(), "update-ref", "-d", ref);
  }

  void fetch(GitStore from, String commit) {
    run(Map.of(), "fetch", "-q", from.bare.toString(), commit);
  }

  private String run(Map<String, String> env, String... arguments) {
    return fed("", env, arguments);
  }

  private String fed(String input, Map<String, String> env, String... arguments) {
    var command = new ArrayList<>(List.of("git", "--git-dir", bare.toString()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).directory(bare.toFile()).redirectErrorStream(true);
    builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
    builder.environment().put("GIT_CONFIG_SYSTEM", "/dev/null");
    builder.environment().putAll(env);
    try {
      Process process = builder.start();
      try (var in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      }
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(String.join(" ", command) + ": " + said);
      }
      return said.strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
