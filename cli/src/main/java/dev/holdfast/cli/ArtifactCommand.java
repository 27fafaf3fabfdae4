package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.cli.terminal.Times;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast artifact}. */
@CommandLine.Command(
    name = "artifact",
    description = "What a run's jobs uploaded.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  holdfast artifact list last",
      "  holdfast artifact download app#7 jars"
    })
final class ArtifactCommand extends Command {
  private ArtifactCommand(Terminal terminal) {
    super(terminal);
  }

  static CommandLine with(Terminal terminal) {
    return new CommandLine(new ArtifactCommand(terminal))
        .addSubcommand(new ListCommand(terminal))
        .addSubcommand(new DownloadCommand(terminal));
  }

  @Override
  ExitCode run() {
    throw new Refusal(ExitCode.USAGE, "say what to do: holdfast artifact list or download");
  }

  private static List<Fields> of(Api api, RunView run) {
    return api.get("/api/v1/runs/" + Api.escape(run.id()) + "/artifacts").list("artifacts");
  }

  /** {@code holdfast artifact list}. */
  @CommandLine.Command(
      name = "list",
      description = "Lists what the jobs of a run uploaded. With --json: one a line.",
      footer = {"", "Examples:", "  holdfast artifact list last"})
  static final class ListCommand extends ClientCommand {
    @Parameters(paramLabel = "RUN", description = RunView.NAMING)
    String run = "";

    ListCommand(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      Api api = api();
      List<Fields> found = of(api, RunView.find(api, run));
      if (json) {
        found.forEach(artifact -> terminal.json(artifact.json()));
      } else if (found.isEmpty()) {
        terminal.err().println("No artifacts: no job of this run has kept any so far.");
      } else {
        Instant now = terminal.clock().instant();
        var table = new Table(terminal.style(), "NAME", "JOB", "BYTES", "TRUST", "MADE", "ID");
        for (Fields artifact : found) {
          table
              .cell(artifact.text("name"))
              .cell(artifact.text("job"))
              .cell(artifact.text("size"))
              .cell(artifact.text("trust"))
              .cell(artifact.time("created").map(at -> Times.ago(at, now)).orElse(""))
              .cell(artifact.text("id"))
              .end();
        }
        table.lines().forEach(terminal.out()::println);
      }
      return ExitCode.OK;
    }
  }

  /** {@code holdfast artifact download}. */
  @CommandLine.Command(
      name = "download",
      description = {
        "Fetches an artifact as a .tar.gz file. It is not unpacked: what a job made is as trustworthy"
            + " as the job."
      },
      footer = {
        "",
        "Examples:",
        "  holdfast artifact download last jars",
        "  holdfast artifact download app#7 jars --job build --output jars.tar.gz"
      })
  static final class DownloadCommand extends ClientCommand {
    private static final Duration SILENCE = Duration.ofSeconds(60);

    @Parameters(index = "0", paramLabel = "RUN", description = RunView.NAMING)
    String run = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "As `artifact list` shows it.")
    String name = "";

    @Option(
        names = "--job",
        paramLabel = "KEY",
        description = "The job that uploaded it, where several did under that name.")
    @Nullable String job;

    @Option(
        names = {"-o", "--output"},
        paramLabel = "FILE",
        description = "Where to write it; else NAME.tar.gz here. It must not be there yet.")
    @Nullable Path output;

    DownloadCommand(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      Api api = api();
      RunView found = RunView.find(api, run);
      List<Fields> named =
          of(api, found).stream()
              .filter(artifact -> artifact.text("name").equals(name))
              .filter(artifact -> job == null || artifact.text("job").equals(job))
              .toList();
      if (named.size() != 1) {
        throw new Refusal(
            ExitCode.NOT_FOUND,
            named.isEmpty()
                ? Plain.of(found.title()) + " has no artifact " + Plain.of(name)
                : "several jobs uploaded " + Plain.of(name) + "; choose one by --job");
      }
      Fields artifact = named.getFirst();
      Path to = output != null ? output : Path.of(safe(artifact.text("name")) + ".tar.gz");
      try (InputStream in =
          api.stream(
              "/api/v1/runs/"
                  + Api.escape(found.id())
                  + "/artifacts/"
                  + Api.escape(artifact.text("id"))
                  + "/content",
              SILENCE)) {
        write(in, to.toAbsolutePath());
      } catch (FileAlreadyExistsException e) {
        throw new Refusal(
            ExitCode.USAGE, Plain.of(to.toString()) + " is there; remove it or choose --output", e);
      } catch (IOException e) {
        throw new Refusal(
            ExitCode.FAILED, Plain.of(to.toString()) + " is not written: " + e.getMessage(), e);
      }
      if (json) {
        var fields = new JsonFields();
        fields.text("file", to.toString());
        terminal.json(fields.json());
      } else {
        terminal.out().println("Wrote " + Plain.of(to.toString()));
      }
      return ExitCode.OK;
    }

    /** Names of artifacts are those of definitions; a server that is none could send others. */
    private static String safe(String name) {
      return name.replaceAll("[^A-Za-z0-9._-]", "_").replaceFirst("^[.-]", "_");
    }

    /** Under its name only once it is whole. */
    private static void write(InputStream in, Path to) throws IOException {
      if (Files.exists(to)) {
        throw new FileAlreadyExistsException(to.toString());
      }
      Path part = to.resolveSibling(to.getFileName() + ".part");
      try {
        Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
        Files.move(part, to);
      } finally {
        Files.deleteIfExists(part);
      }
    }
  }
}
