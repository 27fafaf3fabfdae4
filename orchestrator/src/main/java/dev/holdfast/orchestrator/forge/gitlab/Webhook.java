package dev.holdfast.orchestrator.forge.gitlab;

import dev.holdfast.model.approval.CommentCommand;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.forge.Delivered;
import dev.holdfast.orchestrator.forge.Fields;
import dev.holdfast.orchestrator.forge.Sent;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;

/**
 * Reads webhooks that were found to be GitLab's. What they are is said by the body, which is
 * signed, and not by a header. They do not tell where the base of a merge request is, nor whether
 * history was rewritten: both are found out from the commits. Thread-safe.
 */
final class Webhook {
  private final String forge;
  private final LongFunction<Optional<String>> repositories;

  /**
   * @param forge what contributors are said to come from
   * @param repositories Holdfast's id of the repository that has this id there
   */
  Webhook(String forge, LongFunction<Optional<String>> repositories) {
    this.forge = forge;
    this.repositories = repositories;
  }

  Delivered read(Sent sent, Instant now) {
    String kind = "";
    try {
      Fields payload = Fields.of(JsonText.parse(sent.body()));
      kind = payload.text(payload.has("object_kind") ? "object_kind" : "event_name");
      return switch (kind) {
        case "push" -> push(payload, "refs/heads/", sent, now);
        case "tag_push" -> push(payload, "refs/tags/", sent, now);
        case "merge_request" -> mergeRequest(payload, sent);
        case "note" -> note(payload);
        case "user_add_to_group",
            "user_update_for_group",
            "user_remove_from_group",
            "user_add_to_team",
            "user_update_for_team",
            "user_remove_from_team" ->
            new Delivered.AccessChanged(Optional.of(Long.toString(payload.id("user_id"))));
        case "project_update", "project_transfer", "project_rename" ->
            new Delivered.AccessChanged(Optional.empty());
        default ->
            new Delivered.Ignored("Holdfast has no use for events of kind " + Quote.of(kind));
      };
    } catch (MalformedJson e) {
      return new Delivered.Refused(
          "the payload of " + Quote.of(kind) + " is not GitLab's: " + e.getMessage());
    }
  }

  private Delivered push(Fields payload, String prefix, Sent sent, Instant now) {
    RefName ref =
        payload
            .ref("ref", prefix)
            .orElseThrow(() -> payload.wrong("ref", "does not start with " + prefix));
    if (payload.commitOrNone("after").isEmpty()) {
      return new Delivered.Ignored("what was deleted runs nothing");
    }
    // What follows an annotated tag's own id is the commit that it is about.
    CommitId commit = payload.commit("checkout_sha");
    Happening happening =
        prefix.equals("refs/tags/")
            ? new Happening.Tag(ref, commit)
            : new Happening.Push(ref, commit, payload.commitOrNone("before"), false);
    Lookup<Contributor> by =
        payload.has("user_id")
            ? new Lookup.Known<>(person(payload.id("user_id"), payload, "user_username"))
            : new Lookup.Absent<>();
    return happened(payload.id("project_id"), sent, now, happening, List.of(by));
  }

  private Delivered mergeRequest(Fields payload, Sent sent) {
    Fields request = payload.object("object_attributes");
    Optional<PullRequestAction> action = action(payload, request);
    if (action.isEmpty()) {
      return new Delivered.Ignored("nothing of this merge request has changed that runs anything");
    }
    long project = request.id("target_project_id");
    if (project != payload.object("project").id("id")) {
      throw request.wrong("target_project_id", "is not the id of the project");
    }
    // A fork that was deleted has no project any more; its commits are a fork's all the same.
    boolean fork = !request.has("source_project_id") || request.id("source_project_id") != project;
    var happening =
        new Happening.PullRequest(
            request.id("iid"),
            action.get(),
            request.ref("target_branch"),
            Optional.empty(),
            request.ref("source_branch"),
            request.object("last_commit").commit("id"),
            fork);
    Fields user = payload.object("user");
    Contributor sender = person(user.id("id"), user, "username");
    Lookup<Contributor> author =
        !request.has("author_id")
            ? new Lookup.Absent<>()
            : new Lookup.Known<>(
                Long.toString(request.id("author_id")).equals(sender.id())
                    ? sender
                    : new Contributor(
                        forge,
                        Long.toString(request.id("author_id")),
                        "account " + request.id("author_id")));
    return happened(
        project,
        sent,
        time(request, "updated_at"),
        happening,
        List.of(author, new Lookup.Known<>(sender)));
  }

  /** New commits go before whatever else the same update changed. */
  private static Optional<PullRequestAction> action(Fields payload, Fields request) {
    return switch (request.has("action") ? request.text("action") : "") {
      case "open" -> Optional.of(PullRequestAction.OPENED);
      case "reopen" -> Optional.of(PullRequestAction.REOPENED);
      case "close", "merge" -> Optional.of(PullRequestAction.CLOSED);
      case "update" -> Optional.of(update(payload, request));
      default -> Optional.empty();
    };
  }

  private static PullRequestAction update(Fields payload, Fields request) {
    if (request.has("oldrev")) {
      return PullRequestAction.SYNCHRONIZED;
    }
    Fields changes = payload.object("changes");
    if (changes.has("target_branch")) {
      return PullRequestAction.EDITED;
    }
    if (changes.has("labels")) {
      Fields labels = changes.object("labels");
      return labels.list("current").size() >= labels.list("previous").size()
          ? PullRequestAction.LABELED
          : PullRequestAction.UNLABELED;
    }
    return changes.has("draft") && !changes.object("draft").flag("current")
        ? PullRequestAction.READY_FOR_REVIEW
        : PullRequestAction.EDITED;
  }

  private Delivered happened(
      long project,
      Sent sent,
      Instant when,
      Happening happening,
      List<Lookup<Contributor>> everybody) {
    Optional<String> repository = repositories.apply(project);
    if (repository.isEmpty()) {
      return new Delivered.NotOurs(project);
    }
    var hands = new ArrayList<Lookup<Contributor>>();
    everybody.stream().filter(one -> !hands.contains(one)).forEach(hands::add);
    return new Delivered.Happened(
        new Event(
            "gitlab:" + delivery(sent),
            repository.get(),
            when,
            everybody.getFirst().known(),
            happening),
        hands);
  }

  /** The id where it is signed; GitLab's pushes bear no time, so two can be the same bytes. */
  private static String delivery(Sent sent) {
    return sent.header("webhook-signature").isPresent()
        ? sent.header("webhook-id").orElseThrow()
        : sent.header("Idempotency-Key")
            .filter(key -> key.matches("[A-Za-z0-9-]{16,100}"))
            .orElseGet(sent::digest);
  }

  private Delivered note(Fields payload) {
    Fields note = payload.object("object_attributes");
    if (!note.text("noteable_type").equals("MergeRequest")) {
      return new Delivered.Ignored("the comment is not on a merge request");
    }
    if (note.has("action") && !note.text("action").equals("create")) {
      return new Delivered.Ignored("only a new comment can be a command, not a changed one");
    }
    if (!note.text("created_at").equals(note.text("updated_at"))) {
      return new Delivered.Ignored("the comment was changed after it was written");
    }
    Fields user = payload.object("user");
    Contributor by = person(user.id("id"), user, "username");
    if (note.id("author_id") != user.id("id")) {
      throw note.wrong("author_id", "is not the id of the user");
    }
    CommentCommand command = CommentCommand.of(note.text("note"));
    if (command instanceof CommentCommand.None) {
      return new Delivered.Ignored("the comment is no command");
    }
    long project = payload.object("project").id("id");
    return repositories
        .apply(project)
        .<Delivered>map(repository ->
            new Delivered.Commented(
                repository, payload.object("merge_request").id("iid"), note.id("id"), by, command))
        .orElseGet(() -> new Delivered.NotOurs(project));
  }

  private Contributor person(long id, Fields names, String name) {
    return new Contributor(forge, Long.toString(id), Quote.line(names.text(name), 100));
  }

  /** GitLab writes times in two ways. */
  private static Instant time(Fields fields, String name) {
    String text = fields.text(name);
    try {
      return OffsetDateTime.parse(
              text.endsWith(" UTC")
                  ? text.substring(0, text.length() - " UTC".length()).replace(' ', 'T') + "Z"
                  : text)
          .toInstant();
    } catch (DateTimeParseException e) {
      throw fields.wrong(name, "is not a time");
    }
  }
}
