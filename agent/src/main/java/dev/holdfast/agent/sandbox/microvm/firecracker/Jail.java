package dev.holdfast.agent.sandbox.microvm.firecracker;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.microvm.vmm.VmmFailed;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory that becomes one Firecracker's root, with the files of its machine in it.
 *
 * <p>Its contents are the monitor's from the moment it starts, and a guest that breaks out of its
 * machine is the monitor: nothing in here is followed, only looked at and removed.
 *
 * @param directory of this machine below the jails, the agent's alone
 * @param root in it, the machine's user's
 */
record Jail(Path directory, Path root) {
  private static final Logger LOG = LoggerFactory.getLogger(Jail.class);

  private static final Set<PosixFilePermission> CLOSED =
      PosixFilePermissions.fromString("rwx------");

  /** Where the jailer of {@code firecracker} looks for the machine {@code id}. */
  static Jail at(Path jails, Path firecracker, String id) throws IOException {
    Path directory = jails.resolve(firecracker.toRealPath().getFileName()).resolve(id);
    return new Jail(directory, directory.resolve("root"));
  }

  void make() throws VmmFailed, IOException {
    Files.createDirectories(directory.getParent(), PosixFilePermissions.asFileAttribute(CLOSED));
    try {
      Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(CLOSED));
    } catch (FileAlreadyExistsException e) {
      throw new VmmFailed(
          "there is a machine "
              + directory.getFileName()
              + " already, or what is left of one, in "
              + directory
              + "; give this one another id, or restart the agent, which removes leftovers",
          e);
    }
    Files.createDirectory(root, PosixFilePermissions.asFileAttribute(CLOSED));
  }

  /** Where the jail has the file {@code name}, as the host sees it. */
  Path host(String name) {
    return root.resolve(name.substring(1));
  }

  /**
   * Puts a file into the jail that machines share, and that none can write.
   *
   * @param name in the jail
   */
  void share(Path file, String name, HostUser user)
      throws VmmFailed, IOException, InterruptedException {
    Path real = regular(file);
    int mode = (Integer) Files.getAttribute(real, "unix:mode");
    int owner = (Integer) Files.getAttribute(real, "unix:uid");
    if ((mode & 04) == 0) {
      throw new VmmFailed(
          "the monitor's user cannot read " + real + ", which machines share; chmod 444 " + real);
    }
    if ((mode & 022) != 0 || owner == user.uid()) {
      throw new VmmFailed(
          "others than root can write "
              + real
              + ", which machines share; chown root "
              + real
              + " and chmod 444 "
              + real);
    }
    if (sameDisk(real)) {
      Files.createLink(host(name), real);
      return;
    }
    copy(real, host(name));
    Files.setPosixFilePermissions(host(name), PosixFilePermissions.fromString("r--r--r--"));
  }

  /** Puts a file into the jail that is this machine's alone, and gives it to {@code user}. */
  void give(Path file, String name, HostUser user)
      throws VmmFailed, IOException, InterruptedException {
    Path real = regular(file);
    if (!Integer.valueOf(1).equals(Files.getAttribute(real, "unix:nlink"))) {
      throw new VmmFailed(
          real + " has more than one name, so it may be another machine's disk; give a file alone");
    }
    Path inside = host(name);
    if (sameDisk(real)) {
      Files.createLink(inside, real);
    } else {
      copy(real, inside);
    }
    Files.setAttribute(inside, "unix:uid", user.uid());
    Files.setAttribute(inside, "unix:gid", user.gid());
    Files.setPosixFilePermissions(inside, PosixFilePermissions.fromString("rw-------"));
  }

  private static Path regular(Path file) throws VmmFailed, IOException {
    if (!Files.isRegularFile(file)) {
      throw new VmmFailed("the machine's file " + file + " is not there, or is no file");
    }
    return file.toRealPath();
  }

  private boolean sameDisk(Path file) throws IOException {
    return Files.getAttribute(file, "unix:dev").equals(Files.getAttribute(root, "unix:dev"));
  }

  private static void copy(Path from, Path to) throws VmmFailed, InterruptedException {
    LOG.warn(
        "{} is on another file system than {}, so every machine copies it; keep both on one",
        from,
        to.getParent());
    Tool.run("/bin/cp", "--sparse=always", "--", from.toString(), to.toString());
  }

  /**
   * Takes a file out of the jail that the monitor wrote, once that is gone: from now on it is
   * root's and nobody can write it.
   */
  void take(String name, Path to, HostUser user)
      throws VmmFailed, IOException, InterruptedException {
    Path inside = host(name);
    // The monitor could have left a link here, to have us give away what it leads to.
    Map<String, Object> has =
        Files.readAttributes(
            inside, "unix:nlink,uid,isRegularFile,size", LinkOption.NOFOLLOW_LINKS);
    if (!Boolean.TRUE.equals(has.get("isRegularFile"))
        || !Integer.valueOf(1).equals(has.get("nlink"))
        || !Integer.valueOf(user.uid()).equals(has.get("uid"))
        || Long.valueOf(0).equals(has.get("size"))) {
      throw new VmmFailed(
          "the monitor left no file of its own alone at " + inside + ", but " + has);
    }
    Files.setAttribute(inside, "unix:uid", 0, LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(inside, "unix:gid", 0, LinkOption.NOFOLLOW_LINKS);
    Files.setPosixFilePermissions(inside, PosixFilePermissions.fromString("r--r--r--"));
    if (Files.getAttribute(to.getParent(), "unix:dev")
        .equals(Files.getAttribute(root, "unix:dev"))) {
      Files.move(inside, to, StandardCopyOption.ATOMIC_MOVE);
    } else {
      copy(inside, to);
    }
  }

  /** Removes it, whatever its monitor wrote into it. Only once nothing of the machine runs. */
  void remove() throws VmmFailed, InterruptedException {
    if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      Tool.run("/bin/rm", "-rf", "--one-file-system", "--", directory.toString());
    }
    if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      throw new VmmFailed("the jail " + directory + " is still there after it was removed");
    }
  }
}
