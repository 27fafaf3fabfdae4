package dev.holdfast.model.approval;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.digest.Signatures;
import dev.holdfast.model.json.Quote;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * That a step may start which its workflow has wait: since people released it. Signed by the
 * orchestrator when they did.
 *
 * @param repository Holdfast's id
 * @param definition what runs
 * @param step its number in its job, from 0
 * @param by the ids of the users who released it
 * @param until after this it lets nothing start
 */
public record StepClearance(
    String repository,
    String run,
    Digest definition,
    Name job,
    int step,
    List<String> by,
    Instant at,
    Instant until) {
  private static final String WHAT = "holdfast step clearance 1";

  /** An agent asks every second; this is for one that is away. */
  private static final Duration GOOD_FOR = Duration.ofDays(1);

  public StepClearance {
    by = List.copyOf(by);
  }

  /** From {@code at} on, for as long as an agent could be away. */
  public static StepClearance of(
      String repository,
      String run,
      Digest definition,
      Name job,
      int step,
      List<String> by,
      Instant at) {
    return new StepClearance(repository, run, definition, job, step, by, at, at.plus(GOOD_FOR));
  }

  /**
   * A clearance and the signature over it.
   *
   * @param signature Ed25519, as Base64
   */
  public record Signed(StepClearance clearance, String signature) {
    /** Whether the owner of {@code key} signed exactly this. */
    public boolean by(PublicKey key) {
      return Signatures.good(key, clearance.canonical(), signature);
    }
  }

  /** This, signed. */
  public Signed signed(PrivateKey key) {
    return new Signed(this, Signatures.sign(key, canonical()));
  }

  /** Why it does not let this step of a job that {@code cleared} let start; empty if it does. */
  public Optional<String> refusal(Clearance cleared, Name ofJob, int number, Instant now) {
    if (!repository.equals(cleared.repository())
        || !run.equals(cleared.run())
        || !definition.equals(cleared.definition())) {
      return Optional.of("it is of another run, " + Quote.of(run));
    }
    if (!job.equals(ofJob) || step != number) {
      return Optional.of("it is of another step, number " + (step + 1) + " of job " + job);
    }
    return now.isBefore(until)
        ? Optional.empty()
        : Optional.of("it counted until " + until + "; start the run over");
  }

  /** What is signed: every field says how long it is, and every list how many it has. */
  private byte[] canonical() {
    var text = new StringBuilder();
    field(text, WHAT);
    field(text, repository);
    field(text, run);
    field(text, definition.value());
    field(text, job.value());
    field(text, Integer.toString(step));
    field(text, Integer.toString(by.size()));
    by.forEach(user -> field(text, user));
    field(text, at.toString());
    field(text, until.toString());
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void field(StringBuilder text, String value) {
    text.append(value.length()).append(':').append(value).append('\n');
  }
}
