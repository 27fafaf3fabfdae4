package dev.holdfast.model.approval;

import dev.holdfast.model.decision.Limits;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.digest.Signatures;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.trust.Trust;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * That jobs may start: since a decision let them run, or since people released them. Signed by the
 * orchestrator when that happened, so that an agent need not believe what stands in a database or
 * comes by a proxy.
 *
 * @param repository Holdfast's id
 * @param run the one whose jobs they are
 * @param event the hash of the event that it came from, as {@link #hash} makes it
 * @param workflow its name
 * @param head the commit whose files run
 * @param definition what runs
 * @param jobs the names of the jobs that may start
 * @param floor the weakest wall for any of them
 * @param limits the most that any of them gets
 * @param trust of everybody who had a hand in it
 * @param by the ids of the users who released it; none where a decision let it run
 * @param until after this it lets nothing start
 */
public record Clearance(
    String repository,
    String run,
    String event,
    Name workflow,
    CommitId head,
    Digest definition,
    List<Name> jobs,
    Tier floor,
    Limits limits,
    Trust trust,
    List<String> by,
    Instant at,
    Instant until) {
  private static final String WHAT = "holdfast clearance 2";

  /** Longer than a job waits for an agent; whatever moves a run on has it signed anew. */
  private static final Duration GOOD_FOR = Duration.ofDays(7);

  public Clearance {
    jobs = List.copyOf(jobs);
    by = List.copyOf(by);
  }

  /**
   * A clearance and the signature over it.
   *
   * @param signature Ed25519, as Base64
   */
  public record Signed(Clearance clearance, String signature) {
    /** Whether the owner of {@code key} signed exactly this. */
    public boolean by(PublicKey key) {
      return Signatures.good(key, clearance.canonical(), signature);
    }
  }

  /** The hash of an event as jobs are told of it, with all inputs of a manual start. */
  public static String hash(Event event) {
    return Definition.hash(Records.encode(Event.class, event));
  }

  /** Until when one counts that is signed at {@code at}. */
  public static Instant until(Instant at) {
    return at.plus(GOOD_FOR);
  }

  /** The same for these of its jobs, signed later. */
  public Clearance again(List<Name> these, Instant later) {
    return new Clearance(
        repository,
        run,
        event,
        workflow,
        head,
        definition,
        these,
        floor,
        limits,
        trust,
        by,
        later,
        until(later));
  }

  /** This, signed. */
  public Signed signed(PrivateKey key) {
    return new Signed(this, Signatures.sign(key, canonical()));
  }

  /** What is signed: every field says how long it is, and every list how many it has. */
  byte[] canonical() {
    var text = new StringBuilder();
    field(text, WHAT);
    field(text, repository);
    field(text, run);
    field(text, event);
    field(text, workflow.value());
    field(text, head.value());
    field(text, definition.value());
    field(text, Integer.toString(jobs.size()));
    jobs.forEach(job -> field(text, job.value()));
    field(text, floor.name());
    field(text, Boolean.toString(limits.secrets()));
    field(text, Boolean.toString(limits.cacheWrites()));
    field(text, limits.egress().name());
    field(text, Boolean.toString(limits.root()));
    field(text, trust.name());
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
