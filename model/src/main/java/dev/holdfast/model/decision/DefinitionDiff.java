package dev.holdfast.model.decision;

import dev.holdfast.model.definition.LockFile;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.trigger.ChangedFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How the workflows of two commits differ in what they mean; how they are written does not count.
 *
 * @param changes in words, as "adds the step …"; empty if they mean the same
 */
public record DefinitionDiff(CommitId base, CommitId head, List<String> changes) {
  private static final String FOLDER = ".holdfast/";

  /** More than anybody reads, fewer than would fill a screen with one event. */
  private static final int MOST = 100;

  public DefinitionDiff {
    changes = List.copyOf(changes);
  }

  /**
   * The difference from {@code before} at {@code base} to {@code after} at {@code head}.
   *
   * @param changed between the two; where that is not known, it counts as a change
   */
  public static DefinitionDiff of(
      CommitId base, CommitId head, Defined before, Defined after, ChangedFiles changed) {
    var changes = new ArrayList<String>();
    for (Named<Workflow> pair :
        Named.pairs(before.workflows(), after.workflows(), w -> w.name().value())) {
      switch (pair) {
        case Named.Added<Workflow>(var name, var workflow) ->
            changes.add("adds the workflow " + name);
        case Named.Removed<Workflow>(var name) -> changes.add("removes the workflow " + name);
        case Named.Both<Workflow>(var name, var old, var now) ->
            changes.addAll(WorkflowDiff.changes(old, now));
      }
    }
    if (!before.sources().equals(after.sources())) {
      changes.add("changes the Java sources of the workflows");
    }
    changes.addAll(otherFiles(changed));
    if (changes.size() > MOST) {
      int more = changes.size() - MOST;
      changes.subList(MOST, changes.size()).clear();
      changes.add("and " + more + " changes more");
    }
    return new DefinitionDiff(base, head, changes);
  }

  /** Files of the folder that are not compared by what they mean: any of them may be code. */
  private static List<String> otherFiles(ChangedFiles changed) {
    return switch (changed) {
      case ChangedFiles.Unknown(var reason) ->
          List.of("may change files below .holdfast/: which changed is not known: " + reason);
      case ChangedFiles.Known(var paths) ->
          paths.stream()
              .filter(path -> path.toLowerCase(Locale.ROOT).startsWith(FOLDER))
              .filter(path -> !comparedByMeaning(path))
              .map(path -> "changes " + Quote.of(path))
              .toList();
    };
  }

  private static boolean comparedByMeaning(String path) {
    String name = path.substring(FOLDER.length());
    return path.equals(LockFile.PATH)
        || (path.startsWith(FOLDER)
            && name.indexOf('/') < 0
            && (name.endsWith(".yaml") || name.endsWith(".yml")));
  }

  /** Whether this is the difference between those two. */
  boolean between(Optional<CommitId> from, CommitId to) {
    return from.filter(base::equals).isPresent() && head.equals(to);
  }

  String commits() {
    return base.abbreviated() + " and " + head.abbreviated() + " were";
  }
}
