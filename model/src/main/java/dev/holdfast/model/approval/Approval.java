package dev.holdfast.model.approval;

import dev.holdfast.model.definition.EnvironmentName;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * One person's consent to one thing.
 *
 * @param environments that its jobs may enter
 * @param approver the Holdfast user's id
 * @param expires from then on it is none
 */
public record Approval(
    Subject subject,
    Set<EnvironmentName> environments,
    String approver,
    Instant at,
    Instant expires) {
  /** Keeps a signature over this from being one over anything else. */
  private static final String WHAT = "holdfast approval 1";

  public Approval {
    environments = Collections.unmodifiableSet(new TreeSet<>(environments));
    Subject.checkId("approver", approver);
    if (!at.isBefore(expires)) {
      throw new IllegalArgumentException(
          "an approval given at " + at + " expires before, " + expires);
    }
  }

  /**
   * Why this does not let a job start at {@code now}; empty if it does.
   *
   * @param entered the environments that the job enters
   */
  public Optional<String> refusal(Subject wanted, Set<EnvironmentName> entered, Instant now) {
    Optional<String> difference = subject.differenceTo(wanted);
    if (difference.isPresent()) {
      return difference;
    }
    for (EnvironmentName environment : new TreeSet<>(entered)) {
      if (!environments.contains(environment)) {
        return Optional.of("the environment " + environment + " was not approved");
      }
    }
    if (now.isBefore(at)) {
      return Optional.of("it was approved at " + at + ", which is yet to come");
    }
    return now.isBefore(expires)
        ? Optional.empty()
        : Optional.of("the approval expired " + expires);
  }

  /**
   * What is signed. Two approvals that differ in anything have different bytes, since every field
   * says how long it is.
   */
  public byte[] canonical() {
    var text = new StringBuilder();
    field(text, WHAT);
    field(text, subject.repository());
    field(text, subject.number());
    field(text, subject.head().value());
    field(text, subject.base().value());
    field(text, subject.definition().value());
    field(text, subject.policy().value());
    field(text, Integer.toString(environments.size()));
    environments.forEach(environment -> field(text, environment.value()));
    field(text, approver);
    field(text, at.toString());
    field(text, expires.toString());
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void field(StringBuilder text, String value) {
    text.append(value.length()).append(':').append(value).append('\n');
  }
}
