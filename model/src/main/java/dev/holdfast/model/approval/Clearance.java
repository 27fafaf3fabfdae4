package dev.holdfast.model.approval;

import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.digest.Signatures;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.trust.Trust;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.time.Instant;
import java.util.List;

/**
 * That jobs may start: since a decision let them run, or since people released them. Signed by the
 * orchestrator when that happened, so that an agent need not believe what stands in a database or
 * comes by a proxy.
 *
 * @param repository Holdfast's id
 * @param event the hash of the event that it came from, as {@link #hash} makes it
 * @param workflow its name
 * @param head the commit whose files run
 * @param definition what runs
 * @param jobs the names of the jobs that may start
 * @param trust of everybody who had a hand in it
 * @param by the ids of the users who released it; none where a decision let it run
 * @param environments that were granted to these jobs; to each those of them that it asks for
 */
public record Clearance(
    String repository,
    String event,
    Name workflow,
    CommitId head,
    Digest definition,
    List<Name> jobs,
    Trust trust,
    List<String> by,
    Instant at,
    List<EnvironmentName> environments) {
  private static final String WHAT = "holdfast clearance 1";

  public Clearance {
    jobs = List.copyOf(jobs);
    by = List.copyOf(by);
    environments = environments.stream().distinct().sorted().toList();
  }

  /** In no environment. */
  public Clearance(
      String repository,
      String event,
      Name workflow,
      CommitId head,
      Digest definition,
      List<Name> jobs,
      Trust trust,
      List<String> by,
      Instant at) {
    this(repository, event, workflow, head, definition, jobs, trust, by, at, List.of());
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

  /** This, signed. */
  public Signed signed(PrivateKey key) {
    return new Signed(this, Signatures.sign(key, canonical()));
  }

  /** What is signed: every field says how long it is, and every list how many it has. */
  byte[] canonical() {
    var text = new StringBuilder();
    field(text, WHAT);
    field(text, repository);
    field(text, event);
    field(text, workflow.value());
    field(text, head.value());
    field(text, definition.value());
    field(text, Integer.toString(jobs.size()));
    jobs.forEach(job -> field(text, job.value()));
    field(text, trust.name());
    field(text, Integer.toString(by.size()));
    by.forEach(user -> field(text, user));
    field(text, at.toString());
    // Says what it is, so that what else may come to stand here is never taken for it; and nothing
    // where there is none, so that what was signed before there were any is still good.
    if (!environments.isEmpty()) {
      field(text, "environments");
      field(text, Integer.toString(environments.size()));
      environments.forEach(environment -> field(text, environment.value()));
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void field(StringBuilder text, String value) {
    text.append(value.length()).append(':').append(value).append('\n');
  }
}
