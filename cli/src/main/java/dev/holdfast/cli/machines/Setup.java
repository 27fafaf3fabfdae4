package dev.holdfast.cli.machines;

import dev.holdfast.agent.sandbox.microvm.image.BadImage;
import dev.holdfast.agent.sandbox.microvm.image.MachineImages;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Prepares a host step by step, each only if something lacks, and keeps a record of what it
 * changed, by which {@link #undo} takes it back. A change is in the record before it is made, so
 * that the record is also right if a step fails in its middle.
 */
public final class Setup {
  /** What this host was changed by, in order. */
  record Kept(List<Done> done) {}

  /**
   * One line for people and scripts.
   *
   * @param state {@code ok}, {@code done}, {@code would}, {@code undone}, {@code left}, {@code
   *     FAILED}
   */
  public record Said(String state, String step, String what) {}

  private final SetupHost host;
  private final Path agent;
  private final Path file;
  private final Consumer<Said> heard;

  /**
   * @param agent the agent's data directory, in which the record is
   * @param heard of each step
   */
  public Setup(SetupHost host, Path agent, Consumer<Said> heard) {
    this.host = host;
    this.agent = agent;
    this.file = agent.resolve("microvm-setup.json");
    this.heard = heard;
  }

  /** Says what would be done; whether nothing would. */
  public boolean look(List<SetupStep> steps) throws InterruptedException {
    boolean whole = true;
    for (SetupStep step : steps) {
      try {
        Optional<String> lacks = step.lacks();
        heard.accept(
            lacks.isEmpty()
                ? new Said("ok", step.name(), step.has())
                : new Said("would", step.name(), lacks.get()));
        whole &= lacks.isEmpty();
      } catch (SetupFailed e) {
        heard.accept(new Said("FAILED", step.name(), String.valueOf(e.getMessage())));
        whole = false;
      }
    }
    return whole;
  }

  /** Does what lacks, up to the first step that cannot be done; whether all could. */
  public boolean make(List<SetupStep> steps) throws InterruptedException {
    for (SetupStep step : steps) {
      try {
        if (step.lacks().isEmpty()) {
          heard.accept(new Said("ok", step.name(), step.has()));
          continue;
        }
        var done = new ArrayList<>(kept());
        var more = new ArrayList<String>();
        step.make(change -> {
          done.add(change);
          keep(done);
          more.add(change.words());
        });
        Optional<String> still = step.lacks();
        if (still.isPresent()) {
          throw new SetupFailed("it was done, and still lacks: " + still.get());
        }
        heard.accept(
            new Said("done", step.name(), more.isEmpty() ? step.has() : String.join("; ", more)));
      } catch (SetupFailed e) {
        heard.accept(new Said("FAILED", step.name(), String.valueOf(e.getMessage())));
        return false;
      }
    }
    return true;
  }

  /** Takes back what the record says, the last first; whether all could be. */
  public boolean undo(boolean dryRun) throws InterruptedException {
    try {
      var left = new ArrayList<>(kept());
      while (!left.isEmpty()) {
        Done last = left.getLast();
        if (dryRun) {
          heard.accept(new Said("would", "undo", last.words()));
        } else {
          Optional<String> changed = undo(last);
          heard.accept(
              new Said(
                  changed.isEmpty() ? "undone" : "left", "undo", changed.orElse(last.words())));
        }
        left.removeLast();
        if (!dryRun) {
          keep(left);
        }
      }
      return true;
    } catch (SetupFailed e) {
      heard.accept(new Said("FAILED", "undo", String.valueOf(e.getMessage())));
      return false;
    }
  }

  /** Why it was left as it is, if it was. */
  private Optional<String> undo(Done done) throws SetupFailed, InterruptedException {
    try {
      return switch (done) {
        case Done.Packages(List<String> names) -> {
          var remove = new ArrayList<>(List.of("apt-get", "-q", "-y", "remove"));
          remove.addAll(names);
          host.programs().run(remove.toArray(String[]::new));
          yield Optional.empty();
        }
        case Done.NewFile(String path, String content) -> {
          Path at = host.at(path);
          if (Files.exists(at) && !Files.readString(at).equals(content)) {
            yield Optional.of(path + " was changed since, so it stays");
          }
          Files.deleteIfExists(at);
          yield Optional.empty();
        }
        case Done.Line(String path, String line) -> {
          withoutLine(path, line);
          yield Optional.empty();
        }
        case Done.Folder(String path) -> {
          if (!Path.of(path).normalize().startsWith(agent)) {
            throw new SetupFailed(
                "the record "
                    + file
                    + " names the folder "
                    + path
                    + ", which is not in "
                    + agent
                    + "; remove that line of it");
          }
          host.programs().run("rm", "-rf", "--one-file-system", "--", path);
          yield Optional.empty();
        }
        case Done.Image(String name) -> {
          var images = new MachineImages(agent);
          if (images.list().stream().noneMatch(i -> i.name().equals(name))) {
            yield Optional.of("the image " + name + " is gone already");
          }
          images.forget(name);
          yield Optional.empty();
        }
      };
    } catch (BadImage | IOException e) {
      throw new SetupFailed(done.words() + ": it cannot be undone: " + e.getMessage(), e);
    }
  }

  private void withoutLine(String path, String line) throws IOException, SetupFailed {
    var lines = new ArrayList<>(host.lines(path));
    if (!lines.remove(line)) {
      return;
    }
    Path at = host.at(path);
    Path beside = at.resolveSibling(at.getFileName() + ".holdfast");
    Files.writeString(beside, lines.isEmpty() ? "" : String.join("\n", lines) + "\n");
    Files.setPosixFilePermissions(beside, Files.getPosixFilePermissions(at));
    Files.move(beside, at, StandardCopyOption.ATOMIC_MOVE);
  }

  private List<Done> kept() throws SetupFailed {
    try {
      return Files.exists(file)
          ? Records.read(Kept.class, Files.readAllBytes(file)).done()
          : List.of();
    } catch (IOException | MalformedJson e) {
      throw new SetupFailed(
          "the record of what was done, " + file + ", cannot be read: " + e.getMessage(), e);
    }
  }

  private void keep(List<Done> done) throws SetupFailed {
    try {
      if (done.isEmpty()) {
        Files.deleteIfExists(file);
        return;
      }
      Files.createDirectories(agent);
      Path beside = file.resolveSibling("microvm-setup.new");
      Files.write(beside, Records.utf8(Kept.class, new Kept(done)));
      Files.setPosixFilePermissions(beside, PosixFilePermissions.fromString("rw-------"));
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new SetupFailed("the record " + file + " cannot be written: " + e.getMessage(), e);
    }
  }

  /**
   * What a host needs, in the order in which it is made.
   *
   * @param kvm whether machines are to run by the processor
   * @param kernel for the image; where absent, Debian's
   */
  public static List<SetupStep> steps(
      SetupHost host, Path agent, boolean kvm, Optional<Path> kernel, ImageStep image) {
    var ofKernel = new HostSteps.Kernel(host, agent, kernel, !image.isThere());
    image.with(ofKernel::file);
    return List.of(
        new HostSteps.Packages(host),
        new HostSteps.Devices(host, kvm),
        new HostSteps.Users(host),
        new HostSteps.Limits(),
        ofKernel,
        image);
  }
}
