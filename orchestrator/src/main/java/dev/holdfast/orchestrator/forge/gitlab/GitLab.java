package dev.holdfast.orchestrator.forge.gitlab;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Visibility;
import dev.holdfast.orchestrator.forge.Calls;
import dev.holdfast.orchestrator.forge.Delivered;
import dev.holdfast.orchestrator.forge.Dialect;
import dev.holdfast.orchestrator.forge.Fields;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.forge.Remark;
import dev.holdfast.orchestrator.forge.Sent;
import dev.holdfast.orchestrator.forge.Status;
import dev.holdfast.orchestrator.forge.Token;
import dev.holdfast.orchestrator.forge.WebhookSecrets;
import dev.holdfast.orchestrator.repository.Repository;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.regex.Pattern;

/**
 * GitLab, by version 4 of its REST API, which starts at {@code /api/v4}. Everything goes by
 * numbers: projects and people are never named. Thread-safe.
 */
public final class GitLab implements Dialect {
  private static final String JSON = "application/json";

  /** With groups in groups, as {@code group/sub/project}. */
  private static final Pattern FULL_NAME =
      Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}(/[A-Za-z0-9_.-]{1,255}){1,20}");

  /** Levels of access as GitLab numbers them: reporter, developer, maintainer. */
  private static final int READS_CODE = 20;

  private static final int PUSHES = 30;
  private static final int MAINTAINS = 40;

  private final Calls calls;

  public GitLab(Calls calls) {
    this.calls = calls;
  }

  @Override
  public Repository.Location.AtForge find(
      Repository.Host host, String fullName, Optional<Token> token) throws ForgeUnavailable {
    if (!FULL_NAME.matcher(fullName).matches() || fullName.contains("..")) {
      throw new ForgeUnavailable("give the project as GROUP/PROJECT");
    }
    String path = "/projects/" + URLEncoder.encode(fullName, StandardCharsets.UTF_8);
    return switch (get(host, token, path)) {
      case Calls.Answer.Good(var body) -> {
        try {
          Fields there = Fields.of(body);
          yield Repository.Location.AtForge.found(
              host, there.id("id"), URI.create(there.text("http_url_to_repo")));
        } catch (MalformedJson | IllegalArgumentException e) {
          throw new ForgeUnavailable(
              host.api() + " does not answer as GitLab does: " + e.getMessage(), e);
        }
      }
      case Calls.Answer.Missing() ->
          throw new ForgeUnavailable(
              host.name()
                  + " has no project "
                  + fullName
                  + ", or the token may not see it; give one that may read it");
      case Calls.Answer.Failed(var why, var after) ->
          throw new ForgeUnavailable(host.name() + ": " + why);
    };
  }

  /** Newer GitLabs sign; older ones show the secret itself, which is believed where none signs. */
  @Override
  public Optional<String> refusal(WebhookSecrets secrets, Sent sent, Instant now) {
    return sent.header("webhook-signature").isPresent()
        ? secrets.standardRefusal(sent, now)
        : secrets.tokenRefusal(sent.header("X-Gitlab-Token"), now);
  }

  @Override
  public Delivered read(
      Repository.Host host, LongFunction<Optional<String>> ours, Sent sent, Instant now) {
    return new Webhook(host.name(), ours).read(sent, now);
  }

  /** What every account of the installation can read is as good as public. */
  @Override
  public Lookup<Visibility> visibility(Repository.Location.AtForge at, Optional<Token> token) {
    return switch (get(at.host(), token, "/projects/" + at.id())) {
      case Calls.Answer.Good(var body) -> {
        Fields there = Fields.of(body);
        yield there.id("id") != at.id()
            ? new Lookup.Failed<>("asked for the project " + at.id() + ", another was answered")
            : new Lookup.Known<>(
                there.text("visibility").equals("private")
                    ? Visibility.PRIVATE
                    : Visibility.PUBLIC);
      }
      case Calls.Answer.Missing() -> new Lookup.Failed<>("the token does not see the project");
      case Calls.Answer.Failed(var why, var after) -> new Lookup.Failed<>(why);
    };
  }

  /** Of members, also of the groups above; who is none can read what anybody can. */
  @Override
  public Lookup<ForgePermission> permission(
      Repository.Location.AtForge at, String person, Optional<Token> token) {
    String path = "/projects/" + at.id() + "/members/all/" + person;
    return switch (get(at.host(), token, path)) {
      case Calls.Answer.Good(var body) -> {
        Fields member = Fields.of(body);
        yield !Long.toString(member.id("id")).equals(person)
            ? new Lookup.Failed<>("asked for the account " + person + ", another was answered")
            : new Lookup.Known<>(
                member.text("state").equals("active")
                    ? permission(member.number("access_level"))
                    : ForgePermission.NONE);
      }
      case Calls.Answer.Missing() ->
          switch (visibility(at, token)) {
            case Lookup.Known<Visibility>(var seen) ->
                new Lookup.Known<>(
                    seen == Visibility.PUBLIC ? ForgePermission.READ : ForgePermission.NONE);
            case Lookup.Absent<Visibility>() -> new Lookup.Absent<>();
            case Lookup.Failed<Visibility>(var why) -> new Lookup.Failed<>(why);
          };
      case Calls.Answer.Failed(var why, var after) -> new Lookup.Failed<>(why);
    };
  }

  private static ForgePermission permission(long level) {
    if (level >= MAINTAINS) {
      return ForgePermission.ADMIN;
    }
    if (level >= PUSHES) {
      return ForgePermission.WRITE;
    }
    return level >= READS_CODE ? ForgePermission.READ : ForgePermission.NONE;
  }

  /** GitLab refuses to be told what it has, so it is asked first. */
  @Override
  public Calls.Answer tell(Repository.Location.AtForge at, Status status, Optional<Token> token) {
    String state = word(status.state());
    String name = URLEncoder.encode(status.context(), StandardCharsets.UTF_8);
    Calls.Answer there =
        get(
            at.host(),
            token,
            "/projects/"
                + at.id()
                + "/repository/commits/"
                + status.commit().value()
                + "/statuses?per_page=100&name="
                + name);
    if (!(there instanceof Calls.Answer.Good(var statuses)) || has(statuses, status, state)) {
      return there;
    }
    var fields = new LinkedHashMap<String, String>();
    fields.put("state", state);
    fields.put("name", status.context());
    fields.put("description", status.description());
    status.link().ifPresent(link -> fields.put("target_url", link.toString()));
    return post(
        at.host(), token, "/projects/" + at.id() + "/statuses/" + status.commit().value(), fields);
  }

  private static boolean has(Json statuses, Status status, String state) {
    return statuses instanceof Json.Arr(var all)
        && all.stream()
            .map(Fields::of)
            .filter(one -> one.text("name").equals(status.context()))
            .reduce((one, other) -> one.id("id") > other.id("id") ? one : other)
            .filter(newest -> newest.text("status").equals(state))
            .isPresent();
  }

  private static String word(Status.State state) {
    return switch (state) {
      case HELD, PENDING -> "pending";
      case RUNNING -> "running";
      case SUCCESS -> "success";
      case FAILURE -> "failed";
      case ERROR -> "canceled";
    };
  }

  @Override
  public Calls.Answer say(
      Repository.Location.AtForge at, Remark remark, boolean perhaps, Optional<Token> token) {
    String thread = "/projects/" + at.id() + "/merge_requests/" + remark.pullRequest() + "/notes";
    if (perhaps) {
      Calls.Answer there =
          get(at.host(), token, thread + "?sort=desc&order_by=created_at&per_page=100");
      if (!(there instanceof Calls.Answer.Good(var notes)) || remark.isAmong(notes)) {
        return there;
      }
    }
    return post(at.host(), token, thread, Map.of("body", remark.body()));
  }

  private Calls.Answer get(Repository.Host host, Optional<Token> token, String path) {
    return calls.call("GET", URI.create(host.api() + path), token, Optional.empty(), JSON);
  }

  private Calls.Answer post(
      Repository.Host host, Optional<Token> token, String path, Map<String, String> said) {
    var fields = new LinkedHashMap<String, Json>();
    said.forEach((name, value) -> fields.put(name, new Json.Str(value)));
    return calls.call(
        "POST", URI.create(host.api() + path), token, Optional.of(new Json.Obj(fields)), JSON);
  }
}
