package dev.holdfast.orchestrator.secret;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.json.Quote;
import java.util.regex.Pattern;

/**
 * Where a secret belongs. The narrower one wins: what is set for an organisation, then what is set
 * for a repository, then what is set for an environment; of one environment, the repository's own
 * before the organisation's.
 */
public sealed interface SecretScope {
  /** Its one form as text: in the database, in the audit log and in what sealed values hang on. */
  String text();

  /**
   * The scope that {@link #text} wrote.
   *
   * @throws IllegalArgumentException if it did not
   */
  static SecretScope of(String text) {
    String mark = "/environment/";
    int at = text.indexOf(mark);
    if (at >= 0) {
      return new OfEnvironment(of(text.substring(0, at)), text.substring(at + mark.length()));
    }
    String[] parts = text.split("/", 2);
    return switch (parts[0]) {
      case "organisation" -> new OfOrganisation(new Name(parts.length < 2 ? "" : parts[1]));
      case "repository" -> new OfRepository(parts.length < 2 ? "" : parts[1]);
      default -> throw new IllegalArgumentException(Quote.of(text) + " is not a scope");
    };
  }

  /** All repositories that were added with this organisation. */
  record OfOrganisation(Name organisation) implements SecretScope {
    @Override
    public String text() {
      return "organisation/" + organisation;
    }
  }

  /**
   * One repository.
   *
   * @param repository Holdfast's id of it
   */
  record OfRepository(String repository) implements SecretScope {
    public OfRepository {
      checkId(repository);
    }

    @Override
    public String text() {
      return "repository/" + repository;
    }
  }

  /**
   * An environment.
   *
   * @param within the organisation or the repository whose environment it is
   * @param environment its name, or the pattern that it is defined by
   */
  record OfEnvironment(SecretScope within, String environment) implements SecretScope {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9*][A-Za-z0-9*._/-]{0,199}");

    public OfEnvironment {
      if (within instanceof OfEnvironment) {
        throw new IllegalArgumentException("an environment has no environments");
      }
      if (!FORM.matcher(environment).matches()) {
        throw new IllegalArgumentException(
            Quote.of(environment) + " is not the name of an environment");
      }
    }

    @Override
    public String text() {
      return within.text() + "/environment/" + environment;
    }
  }

  private static void checkId(String id) {
    if (!id.matches("[a-z]+_[0-9a-z]{1,60}")) {
      throw new IllegalArgumentException(Quote.of(id) + " is not the id of a repository");
    }
  }
}
