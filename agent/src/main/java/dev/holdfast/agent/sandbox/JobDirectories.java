package dev.holdfast.agent.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * {@code DATA/job/}: one directory per attempt, with all that the agent's host has of it.
 *
 * <p>Trees that a job wrote are removed by {@code rm}, which walks by open directories: a job can
 * nest them deeper than any path may be long. Nothing of the job runs any more by then.
 */
public final class JobDirectories {
  private final Path root;
  private final Path data;

  /** Makes {@code data/job} if it is not there. */
  public JobDirectories(Path data) throws IOException {
    this.root = data.resolve("job");
    Files.createDirectories(root);
    this.data = data.toRealPath();
    // Others may pass through, to what is theirs, and list nothing.
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
  }

  /**
   * A new directory for {@code attempt}, with an empty workspace and an empty channel directory.
   */
  public Path create(String attempt) throws IOException, InterruptedException {
    return create(attempt, OptionalLong.empty());
  }

  /**
   * The same, with the workspace on a disk of its own.
   *
   * @param disk its size in bytes
   */
  public Path create(String attempt, OptionalLong disk) throws IOException, InterruptedException {
    if (!attempt.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
      throw new IOException("the attempt's id is not a safe file name");
    }
    var closed = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    Path made = Files.createDirectory(root.resolve(attempt), closed);
    Files.createDirectory(made.resolve("workspace"), closed);
    Path channel = Files.createDirectory(made.resolve("channel"), closed);
    Files.setPosixFilePermissions(channel, PosixFilePermissions.fromString("rwx--x--x"));
    if (disk.isPresent()) {
      try {
        WorkspaceDisk.make(made, disk.getAsLong());
      } catch (IOException e) {
        remove(made);
        throw e;
      }
    }
    return made;
  }

  /** The agent's data directory, by its real path. */
  public Path data() {
    return data;
  }

  /** Where the directory of {@code attempt} is, or will be. */
  public Path at(String attempt) {
    return root.resolve(attempt);
  }

  /** Removes a directory that {@link #create} made, whatever a job wrote into it. */
  public void remove(Path directory) throws IOException, InterruptedException {
    if (!root.equals(directory.getParent())) {
      throw new IOException(directory + " is not a directory of an attempt in " + root);
    }
    WorkspaceDisk.end(directory);
    if (run("rm", "-rf", "--one-file-system", "--", directory.toString()).isEmpty()) {
      return;
    }
    // A job that is not root can take the owner's own rights away.
    run("chmod", "-R", "u+rwX", "--", directory.toString());
    String left = run("rm", "-rf", "--one-file-system", "--", directory.toString());
    if (!left.isEmpty()) {
      throw new IOException("cannot remove " + directory + ": " + left);
    }
  }

  /** Removes what an earlier agent left. Only once no sandbox of it lives. */
  public void removeAll() throws IOException, InterruptedException {
    for (Path directory : leftovers()) {
      remove(directory);
    }
  }

  /** The directories that are there. */
  public List<Path> leftovers() throws IOException {
    try (var listed = Files.newDirectoryStream(root)) {
      var found = new ArrayList<Path>();
      listed.forEach(found::add);
      return found;
    }
  }

  /** What the command complained about, empty if it succeeded. */
  static String run(String... command) throws IOException, InterruptedException {
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    Process process = builder.start();
    byte[] said = process.getInputStream().readNBytes(2000);
    process.getInputStream().skip(Long.MAX_VALUE);
    if (!process.waitFor(10, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      return command[0] + " takes longer than 10 minutes";
    }
    String text = new String(said, java.nio.charset.StandardCharsets.UTF_8).strip();
    if (process.exitValue() == 0) {
      return "";
    }
    return text.isEmpty() ? command[0] + " ended with " + process.exitValue() : text;
  }
}
