package dev.holdfast.agent.policy;

import dev.holdfast.model.approval.Clearance;
import dev.holdfast.model.approval.StepClearance;
import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.environment.Bound;
import dev.holdfast.model.wire.agent.AgentApi.Cleared;
import dev.holdfast.model.wire.agent.AgentApi.Entered;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Whether what a lease holds was let start by a decision or by people, as the orchestrator signed
 * it then: whoever can write its database or stands between must not be able to have an agent run
 * something else. The key is kept when the orchestrator is first met; an operator who puts it there
 * before leaves nothing to that moment. Thread-safe.
 */
public final class Clearing {
  /** Below the agent's data folder. */
  static final String FILE = "orchestrator.key";

  private final Optional<Path> file;
  private final InstantSource clock;
  private volatile Optional<PublicKey> key = Optional.empty();

  private Clearing(Optional<Path> file, InstantSource clock) {
    this.file = file;
    this.clock = clock;
  }

  /** For jobs of one's own, which no orchestrator sends. */
  public static Clearing notAsked() {
    return new Clearing(Optional.empty(), InstantSource.system());
  }

  /** With the key kept in {@code data}. */
  public static Clearing in(Path data, InstantSource clock) {
    return new Clearing(Optional.of(data.resolve(FILE)), clock);
  }

  /**
   * The orchestrator said that this is its key.
   *
   * @throws IOException if it cannot be this agent's orchestrator, with the mend
   */
  public void met(Optional<String> said) throws IOException {
    Path kept = file.orElseThrow(() -> new IllegalStateException("no orchestrator is asked"));
    String theirs =
        said.orElseThrow(() ->
            new IOException(
                "the server gives no key to check its clearances with; install the same release on"
                    + " both"));
    PublicKey read = read(theirs);
    if (!Files.exists(kept)) {
      Path beside = kept.resolveSibling(FILE + ".new");
      Files.writeString(beside, theirs + "\n");
      Files.move(beside, kept, StandardCopyOption.ATOMIC_MOVE);
    }
    if (!read(Files.readString(kept).strip()).equals(read)) {
      throw new IOException(
          "the server signs with another key than the one in "
              + kept
              + "; if it was set up anew, compare that file with the server's key and remove it");
    }
    key = Optional.of(read);
  }

  private static PublicKey read(String text) throws IOException {
    try {
      return KeyFactory.getInstance("Ed25519")
          .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(text)));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException("the key of the server cannot be read: " + e.getMessage(), e);
    }
  }

  /** Why this lease's job may not start; empty if it may. */
  public Optional<String> refusal(Lease lease) {
    if (file.isEmpty()) {
      return Optional.empty();
    }
    return wrong(lease)
        .map(why ->
            "this agent starts only what its orchestrator cleared: "
                + why
                + "; have it decided anew, and if this comes again, look who can write the"
                + " orchestrator's database");
  }

  private Optional<String> wrong(Lease lease) {
    if (key.isEmpty()) {
      return Optional.of("the orchestrator's key is not known");
    }
    if (lease.cleared().isEmpty()) {
      return Optional.of("the lease holds no clearance");
    }
    Cleared cleared = lease.cleared().get();
    if (!cleared.clearance().by(key.get())) {
      return Optional.of("the clearance is not signed by the orchestrator's key");
    }
    Clearance clearance = cleared.clearance().clearance();
    return difference("repository", clearance.repository(), lease.source().repository())
        .or(() -> difference("run", clearance.run(), lease.run()))
        .or(() -> difference("commit", clearance.head(), lease.source().commit()))
        .or(() -> difference("workflow", clearance.workflow(), lease.workflow()))
        .or(() -> difference("event", clearance.event(), Clearance.hash(lease.event())))
        .or(() -> difference("definition", clearance.definition(), cleared.definition().digest()))
        .or(() -> cleared.definition().mismatch(lease.job(), lease.sources()))
        .or(() ->
            clearance.jobs().contains(lease.job().job().name())
                ? Optional.empty()
                : Optional.of("the job " + lease.job().key() + " was not cleared"))
        .or(() ->
            lease.job().job().root() && !clearance.limits().root()
                ? Optional.of("the job " + lease.job().key() + " is root, which was not cleared")
                : Optional.empty())
        .or(() ->
            clock.instant().isBefore(clearance.until())
                ? Optional.empty()
                : Optional.of("it was cleared until " + clearance.until() + "; start the run over"))
        .or(() -> environments(lease, clearance));
  }

  /** Exactly those that the job asks for, and each of them granted. */
  private static Optional<String> environments(Lease lease, Clearance clearance) {
    List<EnvironmentName> leased = lease.environments().stream().map(Entered::name).toList();
    return switch (Bound.of(lease.job().job(), lease.event().happening())) {
      case Bound.Nameless(var why) -> Optional.of(why);
      case Bound.To(var asked) when !asked.equals(leased) ->
          Optional.of(
              "the job "
                  + lease.job().key()
                  + " asks for the environments "
                  + asked
                  + ", leased was "
                  + leased);
      case Bound.To(var asked) ->
          asked.stream()
              .filter(name -> !clearance.environments().contains(name))
              .findFirst()
              .map(name -> "the environment " + name + " was not granted");
    };
  }

  /**
   * Why a step that its workflow has wait may not start; empty if people released it.
   *
   * @param number of the step in its job, from 0
   */
  public Optional<String> refusal(Lease lease, int number, StepClearance.Signed signed) {
    if (key.isEmpty() || lease.cleared().isEmpty()) {
      return Optional.of("the orchestrator's key is not known, so nobody can have released it");
    }
    if (!signed.by(key.get())) {
      return Optional.of("its release is not signed by the orchestrator's key");
    }
    return signed
        .clearance()
        .refusal(
            lease.cleared().get().clearance().clearance(),
            lease.job().job().name(),
            number,
            clock.instant())
        .map(why -> "its release is not one of this step: " + why);
  }

  private static Optional<String> difference(String what, Object cleared, Object leased) {
    return cleared.equals(leased)
        ? Optional.empty()
        : Optional.of("the " + what + " is " + leased + ", cleared was " + cleared);
  }
}
