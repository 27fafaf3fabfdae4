package dev.holdfast.orchestrator.forge;

import dev.holdfast.model.approval.CommentCommand;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.trust.Lookup;
import java.util.List;
import java.util.Optional;

/** What a webhook said. */
public sealed interface Delivered {
  /**
   * Something that may start runs.
   *
   * @param hands everybody who had a hand in it: the author of a pull request and who sent it. The
   *     least trusted of them decides. {@link Lookup.Absent} is somebody whom the forge does not
   *     name
   */
  record Happened(Event event, List<Lookup<Contributor>> hands) implements Delivered {
    public Happened {
      hands = List.copyOf(hands);
    }
  }

  /**
   * Somebody commented on a pull request, and means us.
   *
   * @param repository Holdfast's id
   * @param comment the forge's id of it, for an answer
   */
  record Commented(
      String repository, long pullRequest, long comment, Contributor by, CommentCommand command)
      implements Delivered {}

  /**
   * Somebody asks at the forge for a run to be run again.
   *
   * @param repository Holdfast's id
   * @param run what the forge was told as {@link Status#key}; anybody's word
   */
  record Again(String repository, String run, Contributor by) implements Delivered {}

  /**
   * Who may do what changed: forget what was looked up.
   *
   * @param person the forge's id; empty for everybody
   */
  record AccessChanged(Optional<String> person) implements Delivered {}

  /** Nothing for us, and nothing wrong. */
  record Ignored(String why) implements Delivered {}

  /**
   * Not about a repository that it may be about.
   *
   * @param repository the forge's id
   */
  record NotOurs(long repository) implements Delivered {}

  /** Not what the forge sends. */
  record Refused(String why) implements Delivered {}
}
