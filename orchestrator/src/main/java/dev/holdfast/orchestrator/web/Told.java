package dev.holdfast.orchestrator.web;

import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.orchestrator.access.AccessRefused;
import dev.holdfast.orchestrator.db.StoreUnavailable;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.hold.NotAllowed;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.run.Conflict;
import dev.holdfast.orchestrator.run.UnknownId;
import dev.holdfast.orchestrator.seal.KeysUnavailable;
import dev.holdfast.orchestrator.seal.Seal;
import dev.holdfast.orchestrator.secret.SecretRefused;
import java.util.List;
import java.util.Optional;

/** What whoever asked is told of a failure, by the API and on a page alike. */
public final class Told {
  /** The failures whose message is for whoever asked. */
  static final List<Class<? extends Exception>> KINDS =
      List.of(
          Problem.class,
          MalformedJson.class,
          IllegalArgumentException.class,
          UnknownId.class,
          NotAllowed.class,
          Conflict.class,
          AccessRefused.class,
          Repositories.NameTaken.class,
          SecretRefused.class,
          KeysUnavailable.class,
          Seal.Broken.class,
          StoreUnavailable.class,
          ForgeUnavailable.class);

  private Told() {}

  /** Empty where it is none of {@link #KINDS}: then its message is for nobody but our own log. */
  public static Optional<Problem> of(Exception failure) {
    if (failure instanceof Problem problem) {
      return Optional.of(problem);
    }
    return KINDS.stream().anyMatch(kind -> kind.isInstance(failure))
        ? Optional.of(new Problem(status(failure), String.valueOf(failure.getMessage())))
        : Optional.empty();
  }

  private static int status(Exception failure) {
    return switch (failure) {
      case UnknownId _ -> 404;
      case NotAllowed _ -> 403;
      case Conflict _, Repositories.NameTaken _, Seal.Broken _ -> 409;
      case KeysUnavailable _, StoreUnavailable _, ForgeUnavailable _ -> 503;
      case AccessRefused refused ->
          switch (refused.kind()) {
            case FORBIDDEN -> 403;
            case UNKNOWN -> 404;
            case CONFLICT -> 409;
            case UNAVAILABLE -> 503;
          };
      case SecretRefused refused ->
          switch (refused.kind()) {
            case UNFIT -> 400;
            case UNKNOWN -> 404;
            case CONFLICT -> 409;
          };
      default -> 400; // what was sent is malformed, or no such thing
    };
  }
}
