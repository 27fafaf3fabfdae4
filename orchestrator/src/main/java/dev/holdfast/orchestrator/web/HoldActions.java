package dev.holdfast.orchestrator.web;

import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Write;
import dev.holdfast.orchestrator.hold.Again;
import dev.holdfast.orchestrator.hold.Approving;
import dev.holdfast.orchestrator.hold.Decider;
import dev.holdfast.orchestrator.hold.NotAllowed;
import dev.holdfast.orchestrator.hold.Seen;
import io.javalin.http.Context;
import java.time.InstantSource;
import java.util.Optional;

/** What people say to what waits, however they say it. Who may is the gate's and Approving's. */
public record HoldActions(
    Database database,
    Approving approving,
    Again again,
    Gate gate,
    OnRecord onRecord,
    InstantSource clock) {
  private static final int LONGEST_REASON = 500;

  /**
   * Counts the caller's consent.
   *
   * @param seen what they looked at; empty where they name the hold alone
   */
  public void approve(Context ctx, String id, Optional<Seen> seen, Decider.Channel channel) {
    Decider by = by(ctx, channel);
    decide(
        ctx,
        "hold.approve",
        id,
        s ->
            seen.isPresent()
                ? approving.approve(s, id, seen.get(), by, clock.instant())
                : approving.approve(s, id, by, clock.instant()));
  }

  /** Ends it without anything having run. */
  public void reject(
      Context ctx, String id, Optional<Seen> seen, String said, Decider.Channel channel) {
    String reason = said.strip();
    if (reason.isEmpty() || reason.length() > LONGEST_REASON) {
      throw new Problem(400, "reason: say why in 1 to " + LONGEST_REASON + " characters");
    }
    Decider by = by(ctx, channel);
    decide(
        ctx,
        "hold.reject",
        id,
        s ->
            seen.isPresent()
                ? approving.reject(s, id, seen.get(), reason, by, clock.instant())
                : approving.reject(s, id, reason, by, clock.instant()));
  }

  /** Has its event decided anew. */
  public void again(Context ctx, String id, Decider.Channel channel) {
    Decider by = by(ctx, channel);
    String why =
        switch (channel) {
          case API, COMMENT -> "decided anew";
          case WEB -> "decided anew " + channel.words();
        };
    database.write(s -> {
      again.decide(s, id, by.user(), by.from(), why, clock.instant());
      return true;
    });
  }

  private Decider by(Context ctx, Decider.Channel channel) {
    return new Decider(gate.caller(ctx).user().id(), channel, Optional.of(ctx.ip()));
  }

  /** Puts on record also what was not allowed, which the transaction that refused it cannot. */
  private <T> void decide(Context ctx, String action, String id, Write<T> write) {
    try {
      database.write(write);
    } catch (NotAllowed e) {
      onRecord.refused(ctx, action, id, String.valueOf(e.getMessage()));
      throw e;
    }
  }
}
