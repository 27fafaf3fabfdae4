package dev.holdfast.orchestrator.seal;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import dev.holdfast.orchestrator.seal.command.KeyCommand;
import dev.holdfast.orchestrator.vault.Vault;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an operator wrote of master keys and vaults.
 *
 * @param masterKeys the first wraps, the others unwrap what they wrapped before
 */
record KeysFile(List<Named> masterKeys, List<OfVault> vaults) {
  private static final int MOST_BYTES = 1024 * 1024;
  private static final Duration COMMAND = Duration.ofSeconds(10);
  private static final Duration VAULT = Duration.ofSeconds(5);

  KeysFile {
    masterKeys = List.copyOf(masterKeys);
    vaults = List.copyOf(vaults);
  }

  /** A master key by its name, which stands with all that it wraps. */
  record Named(Name name, From from) {}

  /** Where a master key comes from. */
  sealed interface From {
    /** A file that only its owner reads; absolute or beside this one. */
    record File(String file) implements From {}

    /** What systemd hands to the service by LoadCredential or LoadCredentialEncrypted. */
    record Credential(String credential) implements From {}

    /** A program that prints it; no shell. */
    record Command(List<String> command, Optional<Duration> timeout) implements From {}

    /**
     * The transit engine of a vault.
     *
     * @param vault its name here
     */
    record Transit(Name vault, Optional<String> mount, String key) implements From {}
  }

  /**
   * A vault.
   *
   * @param tokenFile a file with the token, absolute or beside this one
   * @param tokenCredential or what systemd hands over
   */
  record OfVault(
      Name name,
      String address,
      Optional<String> namespace,
      Optional<String> tokenFile,
      Optional<String> tokenCredential,
      Optional<Duration> timeout) {}

  /** What came of reading it. */
  record Ring(Map<String, MasterKey> keys, Map<String, Vault> vaults) {}

  /**
   * Reads {@code file} and all keys that it names.
   *
   * @param credentials the folder that systemd names to the service
   * @throws IOException if any of it cannot be used, with the mend
   */
  static Ring read(Path file, Optional<Path> credentials) throws IOException {
    if (Files.size(file) > MOST_BYTES) {
      throw new IOException(file + " is too large to be a file about keys");
    }
    mustBeOfUsOnly(file);
    try {
      KeysFile said = Records.read(KeysFile.class, Files.readAllBytes(file));
      var vaults = new LinkedHashMap<String, Vault>();
      for (OfVault vault : said.vaults()) {
        unique(vaults, vault.name().value(), vault(file, credentials, vault));
      }
      var keys = new LinkedHashMap<String, MasterKey>();
      for (Named named : said.masterKeys()) {
        unique(
            keys,
            named.name().value(),
            key(file, credentials, vaults, named.name().value(), named.from()));
      }
      return new Ring(keys, vaults);
    } catch (MalformedJson | IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static <T> void unique(Map<String, T> all, String name, T one) {
    if (all.put(name, one) != null) {
      throw new IllegalArgumentException("the name " + name + " is given twice");
    }
  }

  private static MasterKey key(
      Path file, Optional<Path> credentials, Map<String, Vault> vaults, String name, From from)
      throws IOException {
    return switch (from) {
      case From.File(var path) -> {
        Path key = file.resolveSibling(path);
        KeyFile.mustBeClosed(key);
        mustBeOfUsOnly(key);
        yield local(name, Files.readAllBytes(key), key.toString());
      }
      case From.Credential(var credential) -> {
        Path key = credential(credentials, credential);
        yield local(name, Files.readAllBytes(key), "the credential " + credential);
      }
      case From.Command(var command, var timeout) ->
          local(
              name,
              new KeyCommand(command, timeout.orElse(COMMAND)).run(),
              "what " + command.getFirst() + " prints");
      case From.Transit(var called, var mount, var key) -> {
        Vault vault = vaults.get(called.value());
        if (vault == null) {
          throw new IllegalArgumentException(
              "the master key " + name + " names the vault " + called + ", which is not there");
        }
        Vault.checkPath(key);
        yield new TransitKey(name, vault, mount.orElse("transit"), key);
      }
    };
  }

  private static LocalKey local(String name, byte[] text, String where) throws IOException {
    try {
      return LocalKey.read(name, text, where);
    } finally {
      Arrays.fill(text, (byte) 0);
    }
  }

  private static Vault vault(Path file, Optional<Path> credentials, OfVault said)
      throws IOException {
    if (said.tokenFile().isPresent() == said.tokenCredential().isPresent()) {
      throw new IllegalArgumentException(
          "the vault " + said.name() + ": give one of token-file and token-credential");
    }
    Path token =
        said.tokenFile().isPresent()
            ? file.resolveSibling(said.tokenFile().get())
            : credential(credentials, said.tokenCredential().get());
    boolean ours = said.tokenFile().isPresent();
    return new Vault(
        said.name().value(),
        URI.create(said.address()),
        said.namespace(),
        () -> token(token, ours),
        said.timeout().orElse(VAULT));
  }

  private static String token(Path file, boolean ours) throws IOException {
    if (ours) {
      KeyFile.mustBeClosed(file);
    }
    String text = Files.readString(file, StandardCharsets.UTF_8).strip();
    if (!text.matches("[\\x21-\\x7e]{1,4096}")) {
      throw new IOException(file + " does not hold a token: one line of text");
    }
    return text;
  }

  /**
   * A credential's file. systemd lets a service's user in by an access list, which shows as rights
   * of the group, so only the rights of everybody are looked at.
   */
  private static Path credential(Optional<Path> credentials, String name) throws IOException {
    if (!name.matches("[A-Za-z0-9_][A-Za-z0-9._-]{0,200}")) {
      throw new IllegalArgumentException("the credential's name is not one that systemd has");
    }
    Path file =
        credentials
            .orElseThrow(() ->
                new IOException(
                    "systemd handed no credentials over; write LoadCredential="
                        + name
                        + ":FILE into the service's unit"))
            .resolve(name);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(
          "systemd handed no credential "
              + name
              + " over; write LoadCredential="
              + name
              + ":FILE into the service's unit");
    }
    if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
      throw new IOException("others may read the credential " + file + "; systemd makes no such");
    }
    return file;
  }

  /** Refuses what somebody else than this process's user or root owns, or others may write. */
  private static void mustBeOfUsOnly(Path file) throws IOException {
    UserPrincipal owner = Files.getOwner(file, LinkOption.NOFOLLOW_LINKS);
    String us = System.getProperty("user.name");
    if (!owner.getName().equals("root") && !owner.getName().equals(us)) {
      throw new IOException(
          file + " is the user " + owner.getName() + "'s; run: chown " + us + " " + file);
    }
    var rights = Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS);
    if (rights.contains(PosixFilePermission.OTHERS_WRITE)
        || rights.contains(PosixFilePermission.GROUP_WRITE)) {
      throw new IOException("others may write " + file + "; run: chmod go-w " + file);
    }
  }
}
