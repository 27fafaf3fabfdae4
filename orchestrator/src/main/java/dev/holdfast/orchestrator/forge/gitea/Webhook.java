package dev.holdfast.orchestrator.forge.gitea;

import dev.holdfast.model.approval.CommentCommand;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.digest.Sha256;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;

/**
 * Reads webhooks whose signature was found good. They look like GitHub's and differ in what trust
 * hangs on: other words for actions, no word on whether history was rewritten. Thread-safe.
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

  Delivered read(String kind, byte[] body, Instant now) {
    try {
      Fields payload = Fields.of(JsonText.parse(body));
      return switch (kind) {
        case "push" -> push(payload, body, now);
        case "pull_request" -> pullRequest(payload, body);
        case "issue_comment" -> comment(payload);
        case "repository" -> new Delivered.AccessChanged(Optional.empty());
        case "create", "release" ->
            new Delivered.Ignored("the push that comes with it says which commit it is");
        case "delete" -> new Delivered.Ignored("what was deleted runs nothing");
        default ->
            new Delivered.Ignored("Holdfast has no use for events of kind " + Quote.of(kind));
      };
    } catch (MalformedJson e) {
      return new Delivered.Refused(
          "the payload of " + Quote.of(kind) + " is not Gitea's: " + e.getMessage());
    }
  }

  private Delivered push(Fields payload, byte[] body, Instant now) {
    Optional<CommitId> after = payload.commitOrNone("after");
    Contributor sender = payload.account("sender", forge);
    Contributor pusher = payload.account("pusher", forge);
    if (after.isEmpty()) {
      return new Delivered.Ignored("what was deleted runs nothing");
    }
    Optional<RefName> branch = payload.ref("ref", "refs/heads/");
    Optional<RefName> tag = payload.ref("ref", "refs/tags/");
    Happening happening;
    if (branch.isPresent()) {
      // Whether history was rewritten is found out from the commits, before anything is decided.
      happening =
          new Happening.Push(branch.get(), after.get(), payload.commitOrNone("before"), false);
    } else if (tag.isPresent()) {
      happening = new Happening.Tag(tag.get(), after.get());
    } else {
      return new Delivered.Ignored("neither a branch nor a tag was pushed");
    }
    return happened(
        payload,
        body,
        now,
        happening,
        new Lookup.Known<>(pusher),
        List.of(new Lookup.Known<>(sender)));
  }

  private Delivered pullRequest(Fields payload, byte[] body) {
    String said = payload.text("action");
    Optional<PullRequestAction> action = action(said);
    if (action.isEmpty()) {
      return new Delivered.Ignored("nothing runs when a pull request is " + Quote.of(said));
    }
    Fields request = payload.object("pull_request");
    Fields base = request.object("base");
    Fields head = request.object("head");
    long id = base.object("repo").id("id");
    if (id != payload.object("repository").id("id")) {
      throw request.wrong("base.repo.id", "is not the id of the repository");
    }
    if (request.id("number") != payload.id("number")) {
      throw request.wrong("number", "is not the number of the payload");
    }
    // A fork that was deleted has no repository any more; its commits are a fork's all the same.
    boolean fork = head.nullable("repo").map(from -> from.id("id") != id).orElse(true);
    var happening =
        new Happening.PullRequest(
            payload.id("number"),
            action.get(),
            base.ref("ref"),
            base.commit("sha"),
            head.ref("ref"),
            head.commit("sha"),
            fork);
    return happened(
        payload,
        body,
        request.time("updated_at"),
        happening,
        request.accountOrNone("user", forge),
        List.of(new Lookup.Known<>(payload.account("sender", forge))));
  }

  private static Optional<PullRequestAction> action(String said) {
    return switch (said) {
      case "opened" -> Optional.of(PullRequestAction.OPENED);
      case "synchronized" -> Optional.of(PullRequestAction.SYNCHRONIZED);
      case "reopened" -> Optional.of(PullRequestAction.REOPENED);
      case "closed" -> Optional.of(PullRequestAction.CLOSED);
      case "label_updated" -> Optional.of(PullRequestAction.LABELED);
      case "label_cleared" -> Optional.of(PullRequestAction.UNLABELED);
      case "edited" -> Optional.of(PullRequestAction.EDITED);
      default -> Optional.empty();
    };
  }

  private Delivered happened(
      Fields payload,
      byte[] body,
      Instant now,
      Happening happening,
      Lookup<Contributor> author,
      List<Lookup<Contributor>> others) {
    long id = payload.object("repository").id("id");
    Optional<String> repository = repositories.apply(id);
    if (repository.isEmpty()) {
      return new Delivered.NotOurs(id);
    }
    var hands = new ArrayList<Lookup<Contributor>>();
    hands.add(author);
    others.stream().filter(other -> !hands.contains(other)).forEach(hands::add);
    // The header with the delivery's id is not signed; the body is.
    String delivery = "gitea:" + HexFormat.of().formatHex(Sha256.of(body));
    return new Delivered.Happened(
        new Event(delivery, repository.get(), now, author.known(), happening), hands);
  }

  private Delivered comment(Fields payload) {
    if (!payload.text("action").equals("created")) {
      return new Delivered.Ignored("only a new comment can be a command, not a changed one");
    }
    if (!payload.flag("is_pull")) {
      return new Delivered.Ignored("the comment is on an issue, not on a pull request");
    }
    Fields comment = payload.object("comment");
    if (!comment.text("created_at").equals(comment.text("updated_at"))) {
      return new Delivered.Ignored("the comment was changed after it was written");
    }
    Contributor by = comment.account("user", forge);
    if (!by.id().equals(payload.account("sender", forge).id())) {
      throw comment.wrong("user.id", "is not the id of the sender");
    }
    CommentCommand command = CommentCommand.of(comment.text("body"));
    if (command instanceof CommentCommand.None) {
      return new Delivered.Ignored("the comment is no command");
    }
    long id = payload.object("repository").id("id");
    return repositories
        .apply(id)
        .<Delivered>map(repository ->
            new Delivered.Commented(
                repository, payload.object("issue").id("number"), comment.id("id"), by, command))
        .orElseGet(() -> new Delivered.NotOurs(id));
  }
}
