package dev.holdfast.bench.installation;

import dev.holdfast.bench.host.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Real git: a bare repository and a work tree that pushes to it.
 *
 * @param work its remote {@code origin} is {@code bare}
 */
public record SourceRepository(Path bare, Path work, Map<String, String> environment) {

  /** An empty one in {@code folder}. */
  public static SourceRepository create(Path folder, String name)
      throws IOException, InterruptedException {
    Path bare = bare(folder, name);
    Path work = folder.resolve(name);
    Map<String, String> environment = Programs.environment(folder);
    for (String who : List.of("AUTHOR", "COMMITTER")) {
      environment.put("GIT_" + who + "_NAME", "Bench");
      environment.put("GIT_" + who + "_EMAIL", "bench@example.org");
    }
    var made = new SourceRepository(bare, work, environment);
    Programs.must(List.of("git", "init", "-q", "-b", "main", work.toString()), environment, folder);
    made.git("remote", "add", "origin", bare.toString());
    return made;
  }

  /** An empty bare repository without hooks. */
  public static Path bare(Path folder, String name) throws IOException, InterruptedException {
    Path bare = folder.resolve(name + ".git");
    // Templates may bring hooks.
    Programs.must(
        List.of("git", "init", "-q", "--bare", "-b", "main", "--template=", bare.toString()),
        Programs.environment(folder),
        folder);
    return bare;
  }

  /** Writes a file of the work tree. */
  public SourceRepository write(String path, byte[] bytes) throws IOException {
    Path file = work.resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
    return this;
  }

  /** Commits everything that changed and answers the commit. */
  public String commit(String message) throws IOException, InterruptedException {
    git("add", "-A");
    git("commit", "-q", "--allow-empty", "-m", message);
    return git("rev-parse", "HEAD").output();
  }

  /** What pushes {@code main} to {@code remote}. */
  public List<String> pushTo(String remote) {
    return List.of("git", "push", "-q", remote, "main");
  }

  private Programs.Finished git(String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    return Programs.must(command, environment, work);
  }
}
