package dev.holdfast.agent.sandbox.namespaces;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * Ends what outlived an earlier agent. The parent-death signal should have ended it already; this
 * is for the moment between a fork and the request for that signal, and for proof.
 */
public final class Leftovers {
  /**
   * In each attempt's directory: pid and start time of the sandbox's process, as the host counts.
   */
  static final String MARK = "sandbox.pid";

  private static final int PATIENCE_SECONDS = 10;

  private Leftovers() {}

  /**
   * Kills every process of {@code user}, which must be a slot's, until there is none.
   *
   * @throws SandboxUnavailable if some do not end
   */
  public static void end(HostUser user) throws SandboxUnavailable {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    try {
      List<Processes.Living> living = Processes.of(user.uid());
      while (!living.isEmpty()) {
        if (System.nanoTime() > deadline) {
          throw new SandboxUnavailable(
              "processes of the sandbox's user "
                  + user.uid()
                  + " do not end even when killed: "
                  + living);
        }
        living.forEach(Processes.Living::kill);
        for (Processes.Living process : living) {
          process.awaitEnd(deadline);
        }
        living = Processes.of(user.uid());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxUnavailable("interrupted while a sandbox was destroyed", e);
    } catch (IOException e) {
      throw new SandboxUnavailable("cannot read /proc: " + e.getMessage(), e);
    }
  }

  /**
   * Ends those whose marks are in {@code data}; a pid that was given to another since is left
   * alone.
   */
  static void removeAll(Path data, HostUser self) throws SandboxUnavailable {
    try {
      for (Path directory : new JobDirectories(data).leftovers()) {
        Path mark = directory.resolve(MARK);
        if (Files.isRegularFile(mark, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
          end(Files.readString(mark).strip().split(" "), self);
        }
      }
    } catch (IOException e) {
      throw new SandboxUnavailable(
          "cannot remove what an earlier agent left in " + data + ": " + e.getMessage(), e);
    }
  }

  private static void end(String[] mark, HostUser self) throws SandboxUnavailable {
    if (mark.length != 3) {
      // Half written: the agent died while it started the sandbox, before it could.
      return;
    }
    long pid = Long.parseLong(mark[0]);
    int uid = Integer.parseInt(mark[2]);
    OptionalLong started = Processes.startTime(pid);
    if (started.isEmpty() || started.getAsLong() != Long.parseLong(mark[1])) {
      return;
    }
    if (self.isRoot()) {
      end(new HostUser(uid, uid));
      return;
    }
    ProcessHandle.of(pid)
        .ifPresent(process -> {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly();
        });
  }
}
