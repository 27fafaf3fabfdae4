package dev.holdfast.orchestrator.hold;

import dev.holdfast.model.definition.Name;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.repository.Organisations;
import java.sql.SQLException;
import java.util.Optional;

/** For what a policy is set. */
public sealed interface PolicyScope {
  /** By what it is kept. */
  String key();

  /** By what it stands in the audit log. */
  default String subject() {
    return key();
  }

  /** Whether a policy of it has a say in the repository with this id. */
  boolean covers(Session session, String repository) throws SQLException;

  /** Everything. */
  record Installation() implements PolicyScope {
    @Override
    public String key() {
      return "*";
    }

    @Override
    public String subject() {
      return "installation";
    }

    @Override
    public boolean covers(Session session, String repository) {
      return true;
    }
  }

  /** The repositories of an organisation. */
  record Organisation(Name name) implements PolicyScope {
    @Override
    public String key() {
      return "organisation:" + name;
    }

    @Override
    public boolean covers(Session session, String repository) throws SQLException {
      return Organisations.of(session, repository).equals(Optional.of(name));
    }
  }

  /** One repository, by its id. */
  record OfRepository(String id) implements PolicyScope {
    @Override
    public String key() {
      return id;
    }

    @Override
    public boolean covers(Session session, String repository) {
      return id.equals(repository);
    }
  }
}
