package dev.holdfast.orchestrator;

import dev.holdfast.git.Git;
import dev.holdfast.git.Upload;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.trigger.ChangedFiles;
import dev.holdfast.orchestrator.definition.DefinitionFiles;
import dev.holdfast.orchestrator.definition.Definitions;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.repository.Repository;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** A forge whose answers a test writes: the same definitions at every commit, or none. */
final class ScriptedForge implements Forge {
  static final CommitId COMMIT = new CommitId("1".repeat(40));

  private final Map<String, byte[]> files = new ConcurrentHashMap<>();
  private final Map<CommitId, Map<String, byte[]>> ofCommit = new ConcurrentHashMap<>();
  private final Map<CommitId, String> messages = new ConcurrentHashMap<>();
  private volatile CommitId main = COMMIT;
  private volatile boolean away;
  private volatile boolean rewritten;
  private volatile Function<CommitId, Upload> served =
      commit -> {
        throw new AssertionError("this test serves no sources");
      };
  private volatile boolean definitionsAway;
  private volatile boolean messagesAway;
  private volatile List<String> changed = List.of();

  void define(Workflow... workflows) {
    files.clear();
    for (Workflow workflow : workflows) {
      files.put(workflow.name() + ".json", Records.utf8(Workflow.class, workflow));
    }
  }

  /** What one commit defines, where it is something else. */
  void define(CommitId commit, Workflow... workflows) {
    var own = new HashMap<String, byte[]>();
    for (Workflow workflow : workflows) {
      own.put(workflow.name() + ".json", Records.utf8(Workflow.class, workflow));
    }
    ofCommit.put(commit, own);
  }

  /** The files in which any two commits differ. */
  void changed(String... paths) {
    changed = List.of(paths);
  }

  /** What the author of one commit wrote of it. */
  void message(CommitId commit, String text) {
    messages.put(commit, text);
  }

  /** From now on they cannot be read. */
  void messagesAway(boolean areAway) {
    messagesAway = areAway;
  }

  /** Where the default branch is. */
  void at(CommitId commit) {
    main = commit;
  }

  void define(String file, String text) {
    files.put(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** A real mirror, whose commits it gives. */
  void serves(Git git, Path mirror) {
    served = commit -> git.upload(mirror, commit);
  }

  /** From now on every push rewrites history. */
  void rewritten() {
    rewritten = true;
  }

  @Override
  public boolean descends(Repository repository, CommitId older, CommitId newer)
      throws ForgeUnavailable {
    ask(repository);
    return !rewritten;
  }

  @Override
  public Optional<String> message(Repository repository, CommitId commit) throws ForgeUnavailable {
    ask(repository);
    if (messagesAway) {
      throw new ForgeUnavailable(repository.name() + " cannot be read: it is away");
    }
    return Optional.ofNullable(messages.get(commit));
  }

  @Override
  public Upload upload(Repository repository, CommitId commit) throws ForgeUnavailable {
    ask(repository);
    return served.apply(commit);
  }

  void away(boolean isAway) {
    away = isAway;
  }

  /** Says where a ref is, but not what is there. */
  void definitionsAway() {
    definitionsAway = true;
  }

  /** Reads one workflow from each file: as plain as a front end can be. */
  static Definitions read(DefinitionFiles files) {
    var workflows = new ArrayList<Workflow>();
    for (var file : files.files().entrySet()) {
      try {
        workflows.add(Records.read(Workflow.class, file.getValue()));
      } catch (MalformedJson e) {
        return new Definitions.Invalid(
            List.of(".holdfast/" + file.getKey() + ": " + e.getMessage()));
      }
    }
    return workflows.isEmpty()
        ? new Definitions.Absent()
        : new Definitions.Valid(workflows, Optional.empty());
  }

  private void ask(Repository repository) throws ForgeUnavailable {
    if (away) {
      throw new ForgeUnavailable(repository.name() + " cannot be read: it is away");
    }
  }

  @Override
  public DefinitionFiles definitionFiles(Repository repository, CommitId commit)
      throws ForgeUnavailable {
    ask(repository);
    if (definitionsAway) {
      throw new ForgeUnavailable(repository.name() + " cannot be read: it is away");
    }
    return new DefinitionFiles(new HashMap<>(ofCommit.getOrDefault(commit, files)));
  }

  @Override
  public ChangedFiles changedFiles(Repository repository, Happening happening)
      throws ForgeUnavailable {
    ask(repository);
    return new ChangedFiles.Unknown("a test");
  }

  @Override
  public ChangedFiles changedFiles(Repository repository, CommitId from, CommitId to)
      throws ForgeUnavailable {
    ask(repository);
    return new ChangedFiles.Known(changed);
  }

  @Override
  public Optional<CommitId> resolve(Repository repository, RefName ref) throws ForgeUnavailable {
    ask(repository);
    return ref.value().equals("main") ? Optional.of(main) : Optional.empty();
  }

  @Override
  public RefName defaultBranch(Repository repository) throws ForgeUnavailable {
    ask(repository);
    return new RefName("main");
  }
}
