package dev.holdfast.orchestrator.secret;

import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** What decisions and people let attempts have. Thread-safe. */
public interface Entitled {
  /** What {@code attempt} may have; asked once more in the transaction that records a delivery. */
  Entitlement of(Session session, String attempt) throws SQLException;

  /**
   * What one attempt may have.
   *
   * @param none why it is given nothing at all, whatever else stands here: its clearance is not
   *     signed by this installation, or says that it gets no secrets
   * @param trusted whether everybody who had a hand in its code is trusted: else it gets nothing of
   *     its repository and organisation
   * @param environments what it was granted, the weakest first: names, or the patterns that they
   *     are defined by. For code that is not trusted, only such as a person granted for that
   *     commit.
   */
  record Entitlement(Optional<String> none, boolean trusted, List<String> environments) {
    public Entitlement {
      environments = List.copyOf(environments);
    }
  }

  /**
   * The environments that attempts were granted, the weakest first, as {@link
   * Entitlement#environments} has them.
   */
  @FunctionalInterface
  interface Granted {
    List<SecretScope.OfEnvironment> granted(Session session, String attempt) throws SQLException;
  }
}
