package dev.holdfast.orchestrator.secret;

import dev.holdfast.model.secret.SecretName;
import dev.holdfast.orchestrator.db.Session;
import java.time.Instant;
import java.util.Collection;

/** Secrets of an installation where none can be set: whatever is declared is withheld. */
public final class NothingSet implements SecretDelivery {
  @Override
  public Answer resolve(Ask ask) {
    return new Answer.Resolved(
        java.util.List.of(),
        ask.declared().stream()
            .sorted()
            .map(name -> new Withheld(name, "no secret of this name is set"))
            .toList());
  }

  @Override
  public void handed(
      Session session, String attempt, int step, Collection<SecretName> names, Instant at) {
    throw new IllegalArgumentException(
        "the attempt " + attempt + " was given no secret, and says that step " + step + " was");
  }
}
