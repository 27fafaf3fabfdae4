package dev.holdfast.orchestrator.forge.github;

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
 * Reads webhooks whose signature was found good. People and repositories are known by GitHub's
 * numeric ids only: names change hands, and authors of commits are whatever they claim.
 * Thread-safe.
 */
public final class Webhook {
  /** Above the largest that Holdfast has a use for; GitHub itself stops at 25 MB. */
  static final int MOST_BYTES = 8 * 1024 * 1024;

  private final String forge;
  private final LongFunction<Optional<String>> repositories;

  /**
   * For one GitHub.
   *
   * @param forge what contributors are said to come from
   * @param repositories Holdfast's id of the repository that has this id at GitHub
   */
  public Webhook(String forge, LongFunction<Optional<String>> repositories) {
    this.forge = forge;
    this.repositories = repositories;
  }

  /**
   * What {@code body} says.
   *
   * @param kind the text of {@code X-GitHub-Event}; not signed, so the body has to bear it out
   */
  public Delivered read(String kind, byte[] body, Instant at) {
    if (body.length > MOST_BYTES) {
      return new Delivered.Refused("the payload is larger than 8 MiB");
    }
    try {
      Fields payload = Fields.of(JsonText.parse(body));
      return switch (kind) {
        case "push" -> push(payload, body, at);
        case "pull_request" -> pullRequest(payload, body);
        case "issue_comment" -> comment(payload);
        case "check_run" -> again(payload);
        case "member" -> changed(payload.object("member"));
        case "organization" ->
            payload.has("membership")
                ? changed(payload.object("membership").object("user"))
                : new Delivered.AccessChanged(Optional.empty());
        case "installation", "repository", "public", "team", "team_add", "membership" ->
            new Delivered.AccessChanged(Optional.empty());
        case "create", "release" ->
            new Delivered.Ignored("the push that comes with it says which commit it is");
        case "delete" -> new Delivered.Ignored("what was deleted runs nothing");
        case "ping" -> new Delivered.Ignored("a ping: the webhook arrives");
        default ->
            new Delivered.Ignored("Holdfast has no use for events of kind " + Quote.of(kind));
      };
    } catch (MalformedJson e) {
      return new Delivered.Refused(
          "the payload of " + Quote.of(kind) + " is not GitHub's: " + e.getMessage());
    }
  }

  private Delivered push(Fields payload, byte[] body, Instant at) {
    Optional<CommitId> before = payload.commitOrNone("before");
    Optional<CommitId> after = payload.commitOrNone("after");
    if (payload.flag("deleted") != after.isEmpty()) {
      throw payload.wrong("deleted", "contradicts after");
    }
    if (payload.flag("created") != before.isEmpty()) {
      throw payload.wrong("created", "contradicts before");
    }
    Contributor sender = payload.account("sender", forge);
    boolean forced = payload.flag("forced");
    Optional<RefName> branch = payload.ref("ref", "refs/heads/");
    Optional<RefName> tag = payload.ref("ref", "refs/tags/");
    if (after.isEmpty()) {
      return new Delivered.Ignored("what was deleted runs nothing");
    }
    Happening happening;
    if (branch.isPresent()) {
      happening = new Happening.Push(branch.get(), after.get(), before, forced);
    } else if (tag.isPresent()) {
      happening = new Happening.Tag(tag.get(), after.get());
    } else {
      return new Delivered.Ignored("neither a branch nor a tag was pushed");
    }
    return happened(payload, body, at, happening, new Lookup.Known<>(sender), List.of());
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
    long repository = base.object("repo").id("id");
    if (repository != payload.object("repository").id("id")) {
      throw request.wrong("base.repo.id", "is not the id of the repository");
    }
    if (request.id("number") != payload.id("number")) {
      throw request.wrong("number", "is not the number of the payload");
    }
    // A fork that was deleted has no repository any more; its commits are a fork's all the same.
    boolean fork = head.nullable("repo").map(from -> from.id("id") != repository).orElse(true);
    var happening =
        new Happening.PullRequest(
            payload.id("number"),
            action.get(),
            base.ref("ref"),
            base.commit("sha"),
            head.ref("ref"),
            head.commit("sha"),
            fork);
    // Who labels or re-opens it lends it nothing; who pushes to another's lends it their doubt.
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
      case "synchronize" -> Optional.of(PullRequestAction.SYNCHRONIZED);
      case "reopened" -> Optional.of(PullRequestAction.REOPENED);
      case "closed" -> Optional.of(PullRequestAction.CLOSED);
      case "labeled" -> Optional.of(PullRequestAction.LABELED);
      case "unlabeled" -> Optional.of(PullRequestAction.UNLABELED);
      case "edited" -> Optional.of(PullRequestAction.EDITED);
      case "ready_for_review" -> Optional.of(PullRequestAction.READY_FOR_REVIEW);
      default -> Optional.empty();
    };
  }

  private Delivered happened(
      Fields payload,
      byte[] body,
      Instant at,
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
    return new Delivered.Happened(
        new Event(delivery(body), repository.get(), at, author.known(), happening), hands);
  }

  private Delivered comment(Fields payload) {
    if (!payload.text("action").equals("created")) {
      return new Delivered.Ignored("only a new comment can be a command, not a changed one");
    }
    Fields issue = payload.object("issue");
    if (!issue.has("pull_request")) {
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
    if (comment.has("performed_via_github_app")) {
      return new Delivered.Ignored("the comment was written by an app in somebody's name");
    }
    long id = payload.object("repository").id("id");
    Optional<String> repository = repositories.apply(id);
    return repository.isEmpty()
        ? new Delivered.NotOurs(id)
        : new Delivered.Commented(
            repository.get(), issue.id("number"), comment.id("id"), by, command);
  }

  /** Somebody pressed the button on one of our check runs. */
  private Delivered again(Fields payload) {
    Fields check = payload.object("check_run");
    if (!payload.text("action").equals("rerequested") || !check.has("external_id")) {
      return new Delivered.Ignored("nobody asks for one of our checks to be run again");
    }
    long id = payload.object("repository").id("id");
    Contributor by = payload.account("sender", forge);
    String run = check.text("external_id");
    return repositories
        .apply(id)
        .<Delivered>map(repository -> new Delivered.Again(repository, run, by))
        .orElseGet(() -> new Delivered.NotOurs(id));
  }

  private static Delivered changed(Fields person) {
    return new Delivered.AccessChanged(Optional.of(Long.toString(person.id("id"))));
  }

  /**
   * The header with the delivery's id is not signed: with a new one, a body that was overheard once
   * could be sent again for ever. What is signed is the body.
   */
  private static String delivery(byte[] body) {
    return "github:" + HexFormat.of().formatHex(Sha256.of(body));
  }
}
