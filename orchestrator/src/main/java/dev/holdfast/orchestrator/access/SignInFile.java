package dev.holdfast.orchestrator.access;

import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.seal.KeyFile;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What an operator wrote of the forges at which people sign in.
 *
 * @param here where browsers find this installation, as {@code https://ci.example.org}
 */
record SignInFile(String here, List<AtForge> forges, List<AtProvider> providers) {
  /** More than any such file has. */
  private static final int MOST_BYTES = 1024 * 1024;

  SignInFile {
    forges = List.copyOf(forges);
    providers = List.copyOf(providers);
  }

  /**
   * Holdfast as it is registered at one forge.
   *
   * @param api where the forge's calls start
   * @param web where browsers find it
   * @param clientSecretFile a file with the secret, absolute or beside this one
   */
  record AtForge(
      Repository.Kind kind, String api, String web, String clientId, String clientSecretFile) {}

  /**
   * Holdfast as it is registered at a provider of OpenID Connect.
   *
   * @param issuer as the provider calls itself
   * @param newUsers whether whom it signs in and nobody knows becomes a user; else not
   */
  record AtProvider(
      String issuer, String clientId, String clientSecretFile, Optional<Boolean> newUsers) {}

  /**
   * Reads {@code file}.
   *
   * @throws IOException if it cannot be used, with the mend
   */
  static SignInClients read(Path file) throws IOException {
    if (Files.size(file) > MOST_BYTES) {
      throw new IOException(file + " is too large to be a file about sign-in");
    }
    try {
      SignInFile said = Records.read(SignInFile.class, Files.readAllBytes(file));
      URI here = address("here", said.here());
      var clients = new java.util.ArrayList<SignInClient>();
      for (AtForge forge : said.forges()) {
        clients.add(
            new SignInClient.OfForge(
                new Repository.Host(forge.kind(), URI.create(forge.api())),
                address("web", forge.web()),
                forge.clientId(),
                secret(file.resolveSibling(forge.clientSecretFile())),
                here));
      }
      for (AtProvider provider : said.providers()) {
        clients.add(
            SignInClient.provider(
                URI.create(provider.issuer()),
                provider.clientId(),
                secret(file.resolveSibling(provider.clientSecretFile())),
                here,
                provider.newUsers().orElse(false),
                InstantSource.system()));
      }
      Map<String, SignInClient> byName =
          clients.stream().collect(Collectors.toMap(SignInClient::name, c -> c));
      return new SignInClients(byName);
    } catch (MalformedJson | IllegalArgumentException | IllegalStateException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static URI address(String what, String text) {
    URI uri = URI.create(text);
    if (uri.getHost() == null || text.endsWith("/") || uri.getUserInfo() != null) {
      throw new IllegalArgumentException(
          what + " is an address like https://ci.example.org, without a slash at its end");
    }
    return uri;
  }

  private static String secret(Path file) throws IOException {
    KeyFile.mustBeClosed(file);
    String text = Files.readString(file, StandardCharsets.UTF_8).strip();
    if (text.isEmpty() || text.length() > 1000 || !text.matches("[\\x21-\\x7e]+")) {
      throw new IOException(file + " does not hold a secret: one line of text");
    }
    return text;
  }
}
