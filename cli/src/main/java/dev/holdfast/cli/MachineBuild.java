package dev.holdfast.cli;

import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.container.ImageFiles;
import dev.holdfast.agent.sandbox.microvm.image.BadImage;
import dev.holdfast.agent.sandbox.microvm.image.MachineImage;
import dev.holdfast.agent.sandbox.microvm.image.MachineImages;
import dev.holdfast.cli.terminal.Distribution;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Makes an image of machines with what this distribution brings. */
final class MachineBuild {
  /** The first second of 2026: what nothing in an image is newer than, where nobody says. */
  private static final long EPOCH = 1_767_225_600;

  private final Terminal terminal;
  private final Path agent;

  /**
   * @param agent the agent's data directory
   */
  MachineBuild(Terminal terminal, Path agent) {
    this.terminal = terminal;
    this.agent = agent;
  }

  /** What its system is made of: one of them. */
  static final class Origin {
    @Option(
        names = "--from",
        paramLabel = "PATH",
        description = "A directory that is the root of a system, or a tar archive of one.")
    @Nullable Path files;

    @Option(
        names = "--from-image",
        paramLabel = "IMAGE",
        description = {
          "The files of a container's image, which the engine of this host has or pulls. Nothing of"
              + " it is started; its environment and command mean nothing here.",
          "The engine is found as an agent finds it: by DOCKER_HOST, or at the usual place."
        })
    @Nullable String image;

    boolean isSaid() {
      return files != null || image != null;
    }
  }

  MachineImage build(String name, Origin from, Path kernel, Optional<Path> modules)
      throws BadImage, InterruptedException {
    Path files = from.files;
    if (files != null) {
      Path system = terminal.resolve(files);
      return build(name, system, String.valueOf(files.getFileName()), kernel, modules);
    }
    String image = from.image;
    if (image == null) {
      throw new Refusal(
          ExitCode.USAGE, "nothing said to make the image from; add --from or --from-image");
    }
    try {
      Path images = Files.createDirectories(agent.resolve("microvm"));
      Files.setPosixFilePermissions(images, PosixFilePermissions.fromString("rwx------"));
      // Named as what `image gc` takes for unfinished, should this process be killed.
      Path work = Files.createTempDirectory(images, "making-");
      Path tar = work.resolve("system.tar");
      try {
        String id = ImageFiles.write(Optional.empty(), image, tar);
        return build(name, tar, image + " (" + id + ")", kernel, modules);
      } finally {
        Files.deleteIfExists(tar);
        Files.delete(work);
      }
    } catch (SandboxUnavailable e) {
      throw new BadImage(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new BadImage("the files of " + image + " cannot be kept in " + agent + ": " + e, e);
    }
  }

  private MachineImage build(
      String name, Path system, String said, Path kernel, Optional<Path> modules)
      throws BadImage, InterruptedException {
    Path home = Distribution.home(terminal, "no guest agent");
    Path guestAgent = home.resolve("guest/holdfast-guest");
    if (!Files.exists(guestAgent)) {
      throw new Refusal(
          ExitCode.INTERNAL,
          "this distribution has no guest agent; it was built where there is no C compiler:"
              + " apt-get install gcc libc6-dev make, then script/build");
    }
    return new MachineImages(agent)
        .build(
            name,
            new MachineImages.Ingredients(
                system,
                said,
                kernel,
                modules,
                guestAgent,
                home.resolve("runner"),
                terminal.variable("SOURCE_DATE_EPOCH").map(MachineBuild::seconds).orElse(EPOCH)),
            terminal.clock().instant());
  }

  private static long seconds(String text) {
    if (!text.matches("[0-9]{1,10}")) {
      throw new Refusal(
          ExitCode.USAGE, "SOURCE_DATE_EPOCH is no number of seconds: " + Plain.of(text));
    }
    return Long.parseLong(text);
  }
}
