package dev.holdfast.orchestrator.forge;

import dev.holdfast.git.Git;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.json.Quote;
import dev.holdfast.orchestrator.repository.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One repository's spool: hands on what lies there, oldest first. Used by one thread at a time. */
final class Spool {
  private static final Logger LOG = LoggerFactory.getLogger(Spool.class);

  private final Repository repository;
  private final Path gitDir;
  private final Git git;
  private final Intake intake;

  Spool(Repository repository, Path gitDir, Git git, Intake intake) {
    this.repository = repository;
    this.gitDir = gitDir;
    this.git = git;
    this.intake = intake;
  }

  Path folder() {
    return gitDir.resolve(Hook.SPOOL);
  }

  /** Not made here where it is missing: that would get in the way of who removes a repository. */
  boolean present() {
    return Files.isDirectory(folder());
  }

  /** Hands on everything that lies there; what throws is still there and is handed on again. */
  void drain() throws Exception {
    for (Path file : waiting()) {
      SpoolFile push;
      Instant at;
      try {
        at = Files.getLastModifiedTime(file).toInstant();
        push = SpoolFile.read(file);
      } catch (NoSuchFileException e) {
        continue;
      } catch (IOException e) {
        putAside(file, String.valueOf(e.getMessage()));
        continue;
      }
      for (var update : push.updates().entrySet()) {
        Optional<Happening> happening =
            update.getValue().happening(git, gitDir, repository.name().value());
        if (happening.isPresent()) {
          intake.accept(
              new Event(
                  file.getFileName() + "-" + update.getKey(),
                  repository.id(),
                  at,
                  Optional.empty(),
                  happening.get()));
        }
      }
      if (push.badLines() > 0) {
        putAside(file, "it has " + push.badLines() + " lines that git does not write");
      } else {
        Files.deleteIfExists(file);
      }
    }
  }

  private List<Path> waiting() throws IOException {
    try (var files = Files.list(folder())) {
      return files.filter(f -> SpoolFile.isName(String.valueOf(f.getFileName()))).sorted().toList();
    }
  }

  private void putAside(Path file, String reason) throws IOException {
    Path bad = file.resolveSibling(file.getFileName() + ".bad");
    Files.move(file, bad, StandardCopyOption.REPLACE_EXISTING);
    LOG.warn(
        "repository {}: {} cannot be read as a push: {}; kept as {}",
        repository.name(),
        Quote.of(String.valueOf(file.getFileName())),
        reason,
        bad);
  }
}
