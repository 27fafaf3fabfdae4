package dev.holdfast.agent.sandbox.microvm;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * What a machine writes: a sparse file system as large as the job's disk may be, copied from one
 * that is made once for each size. The base is never copied.
 */
final class UpperDisks {
  private final Path directory;

  /**
   * @param data the agent's data directory
   */
  UpperDisks(Path data) {
    this.directory = data.resolve("microvm");
  }

  /** Makes {@code file}, which is {@code user}'s alone. */
  void make(Path file, long bytes, HostUser user) throws SandboxUnavailable {
    Path template = template(bytes);
    HostCommand.must(
        "make a disk for the machine",
        "cp",
        "--sparse=always",
        "--",
        template.toString(),
        file.toString());
    try {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      Workspace.own(file, user);
    } catch (IOException e) {
      throw new SandboxUnavailable("cannot give " + file + " to the machine: " + e.getMessage(), e);
    }
  }

  private synchronized Path template(long bytes) throws SandboxUnavailable {
    Path template = directory.resolve("upper-" + bytes + ".template");
    if (Files.exists(template)) {
      return template;
    }
    Path beside = directory.resolve("making-upper-" + bytes);
    try {
      Files.createDirectories(directory);
      Files.deleteIfExists(beside);
      // No journal and no set-up at leisure: it lives as long as one job.
      HostCommand.must(
          "make a file system for machines",
          "mke2fs",
          "-q",
          "-F",
          "-t",
          "ext4",
          "-m",
          "0",
          "-O",
          "^has_journal",
          "-E",
          "lazy_itable_init=1,nodiscard",
          beside.toString(),
          bytes / 1024 + "k");
      Files.move(beside, template, StandardCopyOption.ATOMIC_MOVE);
      return template;
    } catch (SandboxUnavailable e) {
      throw e;
    } catch (IOException e) {
      throw new SandboxUnavailable("cannot make " + template + ": " + e.getMessage(), e);
    }
  }
}
