package dev.holdfast.cli.client;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.MalformedJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a server keeps its state, and where a client on the same host finds it: {@code server.json}
 * says where the server listens, {@code admin-token} is read by its owner alone. For root it is
 * {@code /var/lib/holdfast} where nothing is said.
 */
public record DataDirectory(Path path) {

  /** What was asked for, else {@code HOLDFAST_DATA}, else the place for a user's state. */
  public static DataDirectory of(Terminal terminal, @Nullable Path asked) {
    if (asked != null) {
      return new DataDirectory(terminal.resolve(asked));
    }
    return new DataDirectory(
        terminal
            .variable("HOLDFAST_DATA")
            .map(Path::of)
            .or(() -> terminal.variable("XDG_STATE_HOME").map(x -> Path.of(x, "holdfast")))
            .or(() -> isRoot() ? Optional.of(Path.of("/var/lib/holdfast")) : Optional.empty())
            .or(() -> terminal.variable("HOME").map(h -> Path.of(h, ".local/state/holdfast")))
            .map(terminal::resolve)
            .orElseThrow(() ->
                new Refusal(
                    ExitCode.USAGE,
                    "no data folder: none of --data, HOLDFAST_DATA and HOME is set; give"
                        + " --data DIR")));
  }

  /** Root's home lets no other user pass, and sandboxes of an agent that is root have their own. */
  private static boolean isRoot() {
    try {
      return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read /proc/self", e);
    }
  }

  /** What the server keeps for commands on its host. */
  public Path adminToken() {
    return path.resolve("admin-token");
  }

  /** The server's own part, closed to others. */
  public Path serverPart() {
    return path.resolve("server");
  }

  /** Lets the token be found at {@link #adminToken}; the server writes it in its own part. */
  public void linkAdminToken() {
    try {
      Files.deleteIfExists(adminToken());
      Files.createSymbolicLink(adminToken(), Path.of("server", "admin-token"));
    } catch (IOException e) {
      throw new Refusal(ExitCode.INTERNAL, adminToken() + " cannot be made (" + reason(e) + ")", e);
    }
  }

  private Path serverFile() {
    return path.resolve("server.json");
  }

  /**
   * Makes the folder. Others may pass through it, since an agent that is root gives each sandbox a
   * user of its own; what they must not see is closed on its own.
   */
  public void make() {
    try {
      if (!Files.isDirectory(path)) {
        Files.createDirectories(path);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx--x--x"));
      }
    } catch (IOException e) {
      throw new Refusal(
          ExitCode.INTERNAL,
          "the data folder " + path + " cannot be made (" + reason(e) + "); give another by --data",
          e);
    }
  }

  /** Says where the server of this folder listens. */
  public void announce(URI url) {
    var fields = new JsonFields();
    fields.text("url", url.toString());
    fields.number("pid", ProcessHandle.current().pid());
    write(serverFile(), JsonText.compact(fields.json()) + "\n");
  }

  /** Takes back what {@link #announce} said. */
  public void withdraw() {
    try {
      Files.deleteIfExists(serverFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a token so that only the owner can read it. */
  public static void writeSecret(Path file, String secret) {
    write(file, secret + "\n");
  }

  private static void write(Path file, String text) {
    Path beside = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.deleteIfExists(beside);
      Files.createFile(
          beside,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(beside, text);
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new Refusal(ExitCode.INTERNAL, file + " cannot be written (" + reason(e) + ")", e);
    }
  }

  /** Where the server of this folder listens; empty if none runs. */
  public Optional<URI> server() {
    try {
      if (JsonText.parse(Files.readAllBytes(serverFile())) instanceof Json.Obj(var fields)
          && fields.get("url") instanceof Json.Str(var url)) {
        return Optional.of(URI.create(url));
      }
      return Optional.empty();
    } catch (java.nio.file.NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | MalformedJson | IllegalArgumentException e) {
      throw new Refusal(
          ExitCode.UNREACHABLE,
          serverFile() + " cannot be read (" + reason(e) + "); name the server by --server",
          e);
    }
  }

  /** The token in {@code file}. */
  public static String readSecret(Path file) {
    try {
      String token = Files.readString(file, StandardCharsets.UTF_8).strip();
      if (token.isEmpty() || token.length() > 1000 || !token.matches("[\\x21-\\x7e]+")) {
        throw new Refusal(ExitCode.USAGE, file + " does not hold a token: one line of text");
      }
      return token;
    } catch (IOException e) {
      throw new Refusal(
          ExitCode.UNREACHABLE,
          "the token file " + file + " cannot be read (" + reason(e) + ")",
          e);
    }
  }

  static String reason(Exception e) {
    return switch (e) {
      case java.nio.file.NoSuchFileException missing -> "there is no such file";
      case java.nio.file.AccessDeniedException denied -> "permission denied";
      case java.nio.file.FileSystemException other when other.getReason() != null ->
          other.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }
}
