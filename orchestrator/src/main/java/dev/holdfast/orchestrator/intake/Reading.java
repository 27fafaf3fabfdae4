package dev.holdfast.orchestrator.intake;

import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.plan.Planner;
import dev.holdfast.orchestrator.definition.DefinitionFiles;
import dev.holdfast.orchestrator.definition.Definitions;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.run.CommitMessage;
import dev.holdfast.orchestrator.run.Plans;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The definitions of commits, planned, with the newest kept: a commit never changes, and several
 * events of one commit are the usual case. Thread-safe.
 */
final class Reading {
  private static final Logger LOG = LoggerFactory.getLogger(Reading.class);
  private static final int MOST_KEPT = 200;

  private final Forge forge;
  private final Function<DefinitionFiles, Definitions> reader;
  private final Map<Key, Read> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Read> eldest) {
          return size() > MOST_KEPT;
        }
      };

  private final Map<Key, Optional<CommitMessage>> messages =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Optional<CommitMessage>> eldest) {
          return size() > MOST_KEPT;
        }
      };

  private record Key(String repository, CommitId commit) {}

  /** A workflow with the jobs that every run of it has. */
  record Planned(Workflow workflow, List<PlannedJob> jobs, Plans.Document plan) {}

  /** What a commit defines. */
  sealed interface Read {
    record Good(List<Planned> workflows, Optional<Plans.Document> sources) implements Read {}

    record Bad(List<String> errors) implements Read {}

    record Nothing() implements Read {}
  }

  Reading(Forge forge, Function<DefinitionFiles, Definitions> reader) {
    this.forge = forge;
    this.reader = reader;
  }

  Read read(Repository repository, CommitId commit) throws ForgeUnavailable {
    var key = new Key(repository.id(), commit);
    synchronized (kept) {
      Read known = kept.get(key);
      if (known != null) {
        return known;
      }
    }
    Read read =
        switch (reader.apply(forge.definitionFiles(repository, commit))) {
          case Definitions.Valid(var workflows, var sources) ->
              new Read.Good(
                  workflows.stream().map(Reading::planned).toList(),
                  sources.map((Sources s) -> Plans.document(s)));
          case Definitions.Invalid(var errors) -> new Read.Bad(errors);
          case Definitions.Absent() -> new Read.Nothing();
        };
    synchronized (kept) {
      kept.put(key, read);
    }
    return read;
  }

  /**
   * What is said of a commit. Nothing waits for it: where it cannot be read now, it is not known,
   * and the next event of the commit has it read again.
   */
  Optional<CommitMessage> message(Repository repository, CommitId commit) {
    var key = new Key(repository.id(), commit);
    synchronized (messages) {
      Optional<CommitMessage> known = messages.get(key);
      if (known != null) {
        return known;
      }
    }
    Optional<CommitMessage> read;
    try {
      read = forge.message(repository, commit).flatMap(CommitMessage::of);
    } catch (ForgeUnavailable e) {
      LOG.warn("the message of {} is not shown: {}", commit.abbreviated(), e.getMessage());
      return Optional.empty();
    }
    synchronized (messages) {
      messages.put(key, read);
    }
    return read;
  }

  private static Planned planned(Workflow workflow) {
    List<PlannedJob> jobs = Planner.plan(workflow);
    return new Planned(workflow, jobs, Plans.document(jobs));
  }
}
