package dev.holdfast.agent.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Directories that one job leaves to the next: what a sandbox would be without fresh files. Only
 * for controls, which show that the attacks on the next job work where this is so.
 */
public final class Reused {
  private static final Path PLACE = Path.of("/run/holdfast/reused");
  private static final String WORKSPACE = "workspace";

  private final Path root;

  /**
   * @param owner whose jobs these are: the same name, the same directories
   */
  public Reused(String owner) {
    this.root = PLACE.resolve(Integer.toHexString(owner.hashCode()));
  }

  /** The directory that is where {@code inside} says in every job. */
  public Path kept(String inside) throws IOException {
    Path kept = Files.createDirectories(root.resolve(inside.replace('/', '-')));
    Files.setPosixFilePermissions(PLACE.getParent(), PosixFilePermissions.fromString("rwx--x--x"));
    Files.setPosixFilePermissions(kept, PosixFilePermissions.fromString("rwxrwxrwx"));
    return kept;
  }

  /** Puts what earlier jobs left in their workspaces into this one, where it has nothing. */
  public void restore(Path workspace) throws IOException {
    copy(kept(WORKSPACE), workspace);
  }

  /** Keeps what this job leaves in its workspace. */
  public void keep(Path workspace) throws IOException {
    copy(workspace, kept(WORKSPACE));
  }

  /** Removes all that was kept. */
  public void remove() {
    run("rm", "-rf", "--", root.toString());
  }

  private static void copy(Path from, Path to) throws IOException {
    if (!run("cp", "-an", "--", from + "/.", to.toString())) {
      throw new IOException("cannot copy " + from + " to " + to);
    }
  }

  private static boolean run(String... command) {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
