package dev.holdfast.orchestrator.web;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.repository.Organisations;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.secret.SecretScope;
import dev.holdfast.orchestrator.secret.Secrets;
import io.javalin.http.Context;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What people do with secrets, however they ask for it. */
public record SecretActions(
    Gate gate, Secrets secrets, Repositories repositories, Database database, OnRecord onRecord) {

  /** What the query names: a repository or an organisation, and perhaps an environment of it. */
  public SecretScope scope(Context ctx) {
    SecretScope wide = wide(ctx);
    Optional<String> environment = Http.query(ctx, "environment");
    return environment.isPresent() ? new SecretScope.OfEnvironment(wide, environment.get()) : wide;
  }

  /** The repository or the organisation that the query names. */
  public SecretScope wide(Context ctx) {
    Optional<String> organisation = Http.query(ctx, "organisation");
    Optional<String> repository = Http.query(ctx, "repository");
    if (organisation.isPresent() == repository.isPresent()) {
      throw new Problem(400, "repository, organisation: give one of them");
    }
    if (repository.isPresent()) {
      return new SecretScope.OfRepository(
          repositories
              .byName(new Name(repository.get()))
              .orElseThrow(() -> new Problem(404, "there is no repository " + repository.get()))
              .id());
    }
    var name = new Name(organisation.orElseThrow());
    if (!database.read(s -> Organisations.exists(s, name))) {
      throw new Problem(
          404,
          "no repository is of an organisation " + name + "; holdfast repo add --organisation");
    }
    return new SecretScope.OfOrganisation(name);
  }

  /** Sets values, all of them or none; the arrays are zeroed. */
  public Map<SecretName, Long> set(Context ctx, SecretScope scope, Map<SecretName, byte[]> values) {
    return secrets.set(scope, values, by(ctx), along(ctx, "secret.set"));
  }

  /** Has what an older version holds be the newest again. */
  public long rollback(Context ctx, SecretScope scope, SecretName name, long version) {
    return secrets.rollback(scope, name, version, by(ctx), along(ctx, "secret.rollback"));
  }

  /** Destroys what versions hold. */
  public List<Long> purge(Context ctx, SecretScope scope, SecretName name, Optional<Long> version) {
    return secrets.purge(scope, name, version, by(ctx), along(ctx, "secret.purge"));
  }

  /** Has it given to nobody any more. */
  public void remove(Context ctx, SecretScope scope, SecretName name) {
    secrets.remove(scope, name, by(ctx), along(ctx, "secret.remove"));
  }

  String by(Context ctx) {
    return gate.caller(ctx).user().id();
  }

  Secrets.Along along(Context ctx, String action) {
    return (s, subject, reasons) ->
        onRecord.done(s, ctx, action, subject, reasons.toArray(String[]::new));
  }
}
