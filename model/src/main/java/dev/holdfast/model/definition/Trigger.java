package dev.holdfast.model.definition;

import dev.holdfast.model.json.Quote;
import java.util.List;

/**
 * What starts a workflow. Filters are lists of {@link Glob}s; one that starts with {@code !} takes
 * back what earlier ones matched; an empty list lets everything through.
 */
public sealed interface Trigger {

  /**
   * A branch or tag was pushed. With neither {@code branches} nor {@code tags}, any branch and no
   * tag; with only one of them, only that kind.
   *
   * @param paths of which at least one changed file must match; only for branches
   */
  record Push(List<String> branches, List<String> tags, List<String> paths) implements Trigger {
    public Push {
      Glob.check(branches);
      Glob.check(tags);
      Glob.check(paths);
    }
  }

  /**
   * A pull request into one of {@code branches} was opened or changed.
   *
   * @param actions where empty: opened, synchronized and reopened
   */
  record PullRequest(List<String> branches, List<PullRequestAction> actions, List<String> paths)
      implements Trigger {
    public PullRequest {
      Glob.check(branches);
      Glob.check(paths);
    }
  }

  /** Somebody asks for it. */
  record Manual(List<Input> inputs) implements Trigger {
    public Manual {
      Texts.count("inputs", inputs.size(), 50);
      if (inputs.stream().map(Input::name).distinct().count() < inputs.size()) {
        throw new IllegalArgumentException("two inputs have the same name");
      }
    }
  }

  /**
   * The clock, in UTC, on the repository's default branch.
   *
   * @param cron five fields: minute, hour, day of month, month, day of week
   */
  record Schedule(String cron) implements Trigger {
    public Schedule {
      if (!cron.matches("\\S{1,60}( \\S{1,60}){4}")) {
        throw new IllegalArgumentException(
            Quote.of(cron) + " is not a schedule; write five fields, as 30 4 * * 1");
      }
    }
  }
}
