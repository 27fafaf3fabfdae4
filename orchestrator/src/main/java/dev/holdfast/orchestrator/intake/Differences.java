package dev.holdfast.orchestrator.intake;

import dev.holdfast.model.decision.Defined;
import dev.holdfast.model.decision.DefinitionDiff;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.trigger.ChangedFiles;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.definition.DefinitionFiles;
import dev.holdfast.orchestrator.definition.Definitions;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.run.Plans;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** How two commits differ in what they define, and in which files. Thread-safe. */
public final class Differences {
  private final Forge forge;
  private final Reading reading;

  public Differences(Forge forge, Function<DefinitionFiles, Definitions> reader) {
    this.forge = forge;
    this.reading = new Reading(forge, reader);
  }

  /**
   * In what they define, as it was decided by.
   *
   * @throws ForgeUnavailable if they cannot be read now
   */
  public Lookup<DefinitionDiff> defined(Repository repository, CommitId base, CommitId head)
      throws ForgeUnavailable {
    return of(forge, repository, base, head, reading);
  }

  /**
   * In which files.
   *
   * @throws ForgeUnavailable if they cannot be read now
   */
  public ChangedFiles files(Repository repository, CommitId base, CommitId head)
      throws ForgeUnavailable {
    return forge.changedFiles(repository, base, head);
  }

  static Lookup<DefinitionDiff> of(
      Forge forge, Repository repository, CommitId base, CommitId head, Reading reading)
      throws ForgeUnavailable {
    if (!(defined(reading.read(repository, base)) instanceof Lookup.Known<Defined>(var before))) {
      return new Lookup.Failed<>("the workflows of the base cannot be read");
    }
    if (!(defined(reading.read(repository, head)) instanceof Lookup.Known<Defined>(var after))) {
      return new Lookup.Failed<>("the workflows of the head cannot be read");
    }
    ChangedFiles changed = forge.changedFiles(repository, base, head);
    return new Lookup.Known<>(DefinitionDiff.of(base, head, before, after, changed));
  }

  private static Lookup<Defined> defined(Reading.Read read) {
    return switch (read) {
      case Reading.Read.Good(var workflows, var sources) ->
          new Lookup.Known<>(
              new Defined(
                  workflows.stream().map(Reading.Planned::workflow).toList(),
                  sources.map(Plans.Document::digest)));
      case Reading.Read.Nothing() -> new Lookup.Known<>(new Defined(List.of(), Optional.empty()));
      case Reading.Read.Bad(var errors) -> new Lookup.Failed<>(String.join("; ", errors));
    };
  }
}
