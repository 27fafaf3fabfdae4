package dev.holdfast.agent.link;

import dev.holdfast.model.approval.Clearance;
import dev.holdfast.model.approval.Definition;
import dev.holdfast.model.decision.Limits;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.model.wire.agent.AgentApi.Cleared;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Leases that an orchestrator cleared. */
public final class ClearedLeases {
  /** When these clearances are over. */
  public static final Instant UNTIL = Instant.parse("2100-01-01T00:00:00Z");

  private static final KeyPair KEY = anotherKey();

  private ClearedLeases() {}

  public static KeyPair anotherKey() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As the orchestrator gives it to agents. */
  public static String key() {
    return text(KEY);
  }

  public static String text(KeyPair key) {
    return Base64.getEncoder().encodeToString(key.getPublic().getEncoded());
  }

  /** That a decision let this lease's job run. */
  public static Clearance clearance(Lease lease) {
    return clearance(lease, Limits.NONE);
  }

  /** That a decision let it run within {@code limits}. */
  public static Clearance clearance(Lease lease, Limits limits) {
    return new Clearance(
        lease.source().repository(),
        lease.run(),
        Clearance.hash(lease.event()),
        lease.workflow(),
        lease.source().commit(),
        Definition.of(List.of(lease.job()), lease.sources()).digest(),
        List.of(lease.job().job().name()),
        Tier.NONE,
        limits,
        Trust.KNOWN,
        List.of(),
        Instant.EPOCH,
        UNTIL);
  }

  public static Lease cleared(Lease lease) {
    return with(lease, new Cleared(clearance(lease).signed(KEY.getPrivate()), definition(lease)));
  }

  public static Lease cleared(Lease lease, Clearance clearance) {
    return cleared(lease, clearance, KEY);
  }

  public static Lease cleared(Lease lease, Clearance clearance, KeyPair key) {
    return with(lease, new Cleared(clearance.signed(key.getPrivate()), definition(lease)));
  }

  public static Definition definition(Lease lease) {
    return Definition.of(List.of(lease.job()), lease.sources());
  }

  /** The lease with this clearance, whoever it is for. */
  public static Lease with(Lease lease, Cleared cleared) {
    return new Lease(
        lease.attempt(),
        lease.fence(),
        lease.number(),
        lease.run(),
        lease.workflow(),
        lease.job(),
        lease.event(),
        lease.source(),
        lease.sources(),
        lease.outputs(),
        lease.tier(),
        lease.pinned(),
        lease.servicePins(),
        Optional.of(cleared));
  }
}
