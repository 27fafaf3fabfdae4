package dev.holdfast.orchestrator.identity;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.trust.Trust;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a job is, as its orchestrator knows it; nothing of it is the job's own word.
 *
 * @param repository Holdfast's id: a name can change hands
 * @param called the repository's name now
 * @param definition the digest of what runs
 * @param environments that it was granted; if its code is not trusted, only such as a person
 *     granted for that very commit
 * @param trust of everybody who had a hand in it, as it was cleared
 * @param tier the wall of the agent that it runs on
 * @param attempt its number
 * @param lowerTrust whether it used a cache or an artifact that something less trusted wrote
 */
record JobIdentity(
    String repository,
    Name called,
    Happening happening,
    Name workflow,
    String definition,
    String job,
    String step,
    List<EnvironmentName> environments,
    Trust trust,
    Tier tier,
    String run,
    long number,
    long attempt,
    boolean lowerTrust) {
  /** What tokens say, in the words of {@link #claims}. */
  static final List<String> CLAIMS =
      List.of(
          "iss",
          "sub",
          "aud",
          "jti",
          "iat",
          "nbf",
          "exp",
          "repository",
          "repository_id",
          "event",
          "ref",
          "sha",
          "workflow",
          "definition",
          "job",
          "step",
          "environments",
          "trust",
          "tier",
          "run",
          "run_number",
          "attempt",
          "used_lower_trust");

  JobIdentity {
    environments = List.copyOf(environments);
  }

  /** Why it gets no token; empty if it does. */
  Optional<String> refusal() {
    return trust == Trust.TRUSTED || !environments.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "its code is not trusted, and nobody granted it an environment for this commit: it gets"
                + " no token by which others would take it for one of ours");
  }

  /**
   * Whom a verifier that looks at nothing else lets in: the repository, and within it the
   * environments, else where the commit came from. A job that used what something less trusted
   * wrote is somebody else, so that such a verifier does not let it in unless it was told to. None
   * of the parts can hold a colon.
   */
  String subject() {
    return (lowerTrust ? "lower-trust:" : "")
        + "repository:"
        + repository
        + (environments.isEmpty()
            ? ":" + source()
            : ":environment:"
                + environments.stream()
                    .map(EnvironmentName::value)
                    .collect(Collectors.joining(",")));
  }

  private String source() {
    return switch (happening) {
      case Happening.PullRequest request -> "pull-request";
      case Happening.Tag tag -> "tag:" + tag.ref().value();
      case Happening.Push push -> "branch:" + push.ref().value();
      case Happening.Manual manual -> "branch:" + manual.ref().value();
      case Happening.Schedule schedule -> "branch:" + schedule.ref().value();
    };
  }

  private String event() {
    return switch (happening) {
      case Happening.PullRequest request -> "pull-request";
      case Happening.Tag tag -> "tag";
      case Happening.Push push -> "push";
      case Happening.Manual manual -> "manual";
      case Happening.Schedule schedule -> "schedule";
    };
  }

  private String ref() {
    return switch (happening) {
      // The head's branch may be a fork's, where anybody calls one as they like.
      case Happening.PullRequest request -> "refs/pull/" + request.number() + "/head";
      case Happening.Tag tag -> "refs/tags/" + tag.ref().value();
      case Happening.Push push -> "refs/heads/" + push.ref().value();
      case Happening.Manual manual -> "refs/heads/" + manual.ref().value();
      case Happening.Schedule schedule -> "refs/heads/" + schedule.ref().value();
    };
  }

  /** As a token says it; {@code id} is the token's own. */
  JWTClaimsSet claims(String issuer, String audience, String id, Instant from, Instant until) {
    return new JWTClaimsSet.Builder()
        .issuer(issuer)
        .subject(subject())
        .audience(audience)
        .jwtID(id)
        .issueTime(Date.from(from))
        .notBeforeTime(Date.from(from))
        .expirationTime(Date.from(until))
        .claim("repository", called.value())
        .claim("repository_id", repository)
        .claim("event", event())
        .claim("ref", ref())
        .claim("sha", happening.commit().value())
        .claim("workflow", workflow.value())
        .claim("definition", definition)
        .claim("job", job)
        .claim("step", step)
        .claim("environments", environments.stream().map(EnvironmentName::value).toList())
        .claim("trust", trust.word())
        .claim("tier", tier.word())
        .claim("run", run)
        .claim("run_number", number)
        .claim("attempt", attempt)
        .claim("used_lower_trust", lowerTrust)
        .build();
  }
}
