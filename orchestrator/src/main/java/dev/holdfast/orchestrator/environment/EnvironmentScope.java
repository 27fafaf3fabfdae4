package dev.holdfast.orchestrator.environment;

import dev.holdfast.model.definition.Name;

/** For what an environment is kept. */
public sealed interface EnvironmentScope {
  /** By what it is kept. */
  String key();

  /** One repository, by its id. */
  record OfRepository(String id) implements EnvironmentScope {
    @Override
    public String key() {
      return id;
    }
  }

  /** The repositories of an organisation. */
  record OfOrganisation(Name name) implements EnvironmentScope {
    @Override
    public String key() {
      return "organisation:" + name;
    }
  }
}
