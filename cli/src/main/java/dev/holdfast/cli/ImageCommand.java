package dev.holdfast.cli;

import dev.holdfast.agent.sandbox.microvm.image.BadImage;
import dev.holdfast.agent.sandbox.microvm.image.MachineImage;
import dev.holdfast.agent.sandbox.microvm.image.MachineImages;
import dev.holdfast.cli.client.DataDirectory;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.cli.terminal.Times;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast image}. */
@CommandLine.Command(
    name = "image",
    description =
        "Images of machines, for agents with the backend microvm: a read-only base, a kernel, and"
            + " the guest agent. They are kept in the agent's data folder on its own host.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  holdfast image build default --from root.tar --kernel /boot/vmlinuz-6.1.0-56-cloud-amd64",
      "  holdfast image list",
      "  holdfast image verify"
    })
final class ImageCommand extends Command {
  ImageCommand(Terminal terminal) {
    super(terminal);
  }

  static CommandLine with(Terminal terminal) {
    return new CommandLine(new ImageCommand(terminal))
        .addSubcommand(new Build(terminal))
        .addSubcommand(new Listing(terminal))
        .addSubcommand(new Verify(terminal))
        .addSubcommand(new Collect(terminal));
  }

  @Override
  ExitCode run() {
    throw new Refusal(ExitCode.USAGE, "say what to do: holdfast image build, list, verify or gc");
  }

  /** One of them. */
  abstract static class OfImages extends Command {
    @Option(
        names = "--data",
        paramLabel = "DIR",
        description =
            "Data folder, the agent's part is DIR/agent; else HOLDFAST_DATA, else as for the"
                + " agent.")
    @Nullable Path data;

    OfImages(Terminal terminal) {
      super(terminal);
    }

    @Override
    final ExitCode run() throws InterruptedException {
      try {
        return run(new MachineImages(agent()));
      } catch (BadImage e) {
        throw new Refusal(ExitCode.FAILED, Plain.of(String.valueOf(e.getMessage())), e);
      }
    }

    /** The agent's part of the data. */
    final Path agent() {
      return DataDirectory.of(terminal, data).path().resolve("agent");
    }

    abstract ExitCode run(MachineImages images) throws BadImage, InterruptedException;
  }

  /** {@code holdfast image build}. */
  @CommandLine.Command(
      name = "build",
      description = {
        "Makes an image: a file system of a system's files with the runner in it, and an initramfs"
            + " of the guest agent and the kernel's modules. Nothing is mounted. Needs root.",
        "The same files make the same image. SOURCE_DATE_EPOCH is the time that nothing in it is"
            + " newer than."
      },
      footer = {
        "",
        "Examples:",
        "  holdfast image build default --from root.tar --kernel"
            + " /boot/vmlinuz-6.1.0-56-cloud-amd64",
        "  holdfast image build default --from-image debian:12 --kernel kernel/boot/vmlinuz-*"
      })
  static final class Build extends OfImages {
    @Parameters(
        paramLabel = "NAME",
        description = "What agents and jobs call it; agents take `default` where nobody says.")
    String name = "";

    @ArgGroup(multiplicity = "1")
    MachineBuild.Origin from = new MachineBuild.Origin();

    @Option(
        names = "--kernel",
        required = true,
        paramLabel = "FILE",
        description =
            "A Linux kernel for x86-64: vmlinux or vmlinuz, as linux-image-cloud-amd64's.")
    Path kernel = Path.of("");

    @Option(
        names = "--modules",
        paramLabel = "DIR",
        description = "Its modules; else ../lib/modules/VERSION as seen from the kernel.")
    @Nullable Path modules;

    @Option(names = "--json", description = "Print the image as JSON.")
    boolean json;

    Build(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run(MachineImages images) throws BadImage, InterruptedException {
      MachineImage made =
          new MachineBuild(terminal, agent())
              .build(
                  name,
                  from,
                  terminal.resolve(kernel),
                  Optional.ofNullable(modules).map(terminal::resolve));
      if (json) {
        terminal.json(fields(made).json());
      } else {
        terminal.out().println(made.name() + "  " + made.id());
      }
      return ExitCode.OK;
    }
  }

  private static JsonFields fields(MachineImage image) {
    return new JsonFields()
        .text("name", image.name())
        .text("id", image.id())
        .text("base", image.base())
        .number("bytes", image.bytes())
        .text("kernel", image.kernelVersion())
        .text("runner", image.runner())
        .text("from", image.source())
        .text("made", image.made().toString());
  }

  /** {@code holdfast image list}. */
  @CommandLine.Command(
      name = "list",
      description = "Lists the images that are here.",
      footer = {"", "Examples:", "  holdfast image list"})
  static final class Listing extends OfImages {
    @Option(names = "--json", description = "One JSON object to a line.")
    boolean json;

    Listing(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run(MachineImages images) throws BadImage {
      List<MachineImage> all = images.list();
      if (json) {
        all.forEach(image -> terminal.json(fields(image).json()));
      } else if (all.isEmpty()) {
        terminal.err().println("No images: make one by holdfast image build.");
      } else {
        Instant now = terminal.clock().instant();
        var table = new Table(terminal.style(), "NAME", "KERNEL", "MIB", "FROM", "MADE", "ID");
        for (MachineImage image : all) {
          table
              .cell(image.name())
              .cell(image.kernelVersion())
              .cell(Long.toString(image.bytes() / (1024 * 1024)))
              .cell(image.source())
              .cell(Times.ago(image.made(), now))
              .cell(image.id().substring(0, 12))
              .end();
        }
        table.lines().forEach(terminal.out()::println);
      }
      return ExitCode.OK;
    }
  }

  /** {@code holdfast image verify}. */
  @CommandLine.Command(
      name = "verify",
      description =
          "Reads every byte of the images, and says which are not what they were when they were"
              + " made.",
      footer = {"", "Examples:", "  holdfast image verify", "  holdfast image verify default"})
  static final class Verify extends OfImages {
    @Parameters(arity = "0..1", paramLabel = "NAME", description = "That one; else all.")
    @Nullable String name;

    Verify(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run(MachineImages images) throws BadImage {
      var problems = new ArrayList<String>();
      for (MachineImage image : name == null ? images.list() : List.of(images.named(name))) {
        List<String> found = images.verify(image).problems();
        terminal.out().println(image.name() + "  " + (found.isEmpty() ? "whole" : "DAMAGED"));
        problems.addAll(found);
      }
      if (!problems.isEmpty()) {
        throw new Refusal(ExitCode.FAILED, "an image is damaged", problems);
      }
      return ExitCode.OK;
    }
  }

  /** {@code holdfast image gc}. */
  @CommandLine.Command(
      name = "gc",
      description =
          "Removes files that no image has any more. Machines that run keep what they have open.",
      footer = {
        "",
        "Examples:",
        "  holdfast image gc",
        "  holdfast image gc --forget old      and the image old with what is its alone"
      })
  static final class Collect extends OfImages {
    @Option(names = "--forget", paramLabel = "NAME", description = "Removes this image first.")
    @Nullable String forget;

    Collect(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run(MachineImages images) throws BadImage, InterruptedException {
      if (forget != null) {
        images.forget(forget);
      }
      for (Path removed : images.collect(terminal.clock().instant())) {
        terminal.out().println("removed  " + Plain.of(removed.toString()));
      }
      return ExitCode.OK;
    }
  }
}
