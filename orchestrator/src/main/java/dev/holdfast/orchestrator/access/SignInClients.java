package dev.holdfast.orchestrator.access;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What Holdfast is registered as, everywhere that people sign in.
 *
 * @param byName by {@link SignInClient#name}
 */
public record SignInClients(Map<String, SignInClient> byName) {
  /** Where nobody signs in but with a token. */
  public static final SignInClients NONE = new SignInClients(Map.of());

  public Optional<SignInClient> named(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** All names, sorted. */
  public List<String> names() {
    return byName.keySet().stream().sorted().toList();
  }
}
