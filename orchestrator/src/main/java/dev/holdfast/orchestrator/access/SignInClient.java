package dev.holdfast.orchestrator.access;

import dev.holdfast.orchestrator.repository.Repository;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/**
 * What Holdfast is registered as at a forge, so that people can sign in there.
 *
 * @param host the forge; its calls start at {@code host.api()}
 * @param web where its sign-in is, as {@code https://github.com}; no slash at the end
 * @param id the client id
 * @param secret the client secret
 * @param here where browsers find this installation, as {@code https://ci.example.org}; no slash at
 *     the end
 */
public record SignInClient(Repository.Host host, URI web, String id, String secret, URI here) {

  /**
   * The clients that {@code file} names, by {@code Contributor.forge}.
   *
   * @throws IOException if it cannot be used, with the mend
   */
  public static Function<String, Optional<SignInClient>> read(Path file) throws IOException {
    return SignInFile.read(file);
  }

  /** The one address that the forge sends people back to; it is registered there. */
  URI callback() {
    return URI.create(here + "/login/" + host.name() + "/callback");
  }

  @Override
  public String toString() {
    return "SignInClient[" + host.name() + ", " + id + "]";
  }
}
