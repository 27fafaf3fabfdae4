package dev.holdfast.cli.client;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.json.Quote;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A server and the right to use it.
 *
 * @param server without a path
 */
public record Connection(URI server, String token) {

  /** {@code --server} and {@code --token-file} where given, then the environment, then files. */
  public static Connection of(
      Terminal terminal, @Nullable String server, @Nullable Path tokenFile, @Nullable Path data) {
    Optional<String> named =
        Optional.ofNullable(server)
            .or(() -> data == null ? terminal.variable("HOLDFAST_SERVER") : Optional.empty());
    URI url =
        named
            .map(Connection::url)
            .or(() -> DataDirectory.of(terminal, data).server())
            .orElseThrow(() -> noServer(terminal, data));
    return new Connection(url, token(terminal, tokenFile, data));
  }

  private static Refusal noServer(Terminal terminal, @Nullable Path data) {
    return new Refusal(
        ExitCode.UNREACHABLE,
        "no server runs on "
            + DataDirectory.of(terminal, data).path()
            + "; start one with `holdfast dev`, or name one by --server URL or HOLDFAST_SERVER");
  }

  private static String token(Terminal terminal, @Nullable Path tokenFile, @Nullable Path data) {
    if (tokenFile != null) {
      return DataDirectory.readSecret(terminal.resolve(tokenFile));
    }
    return terminal
        .variable("HOLDFAST_TOKEN")
        .orElseGet(() -> {
          Path file = DataDirectory.of(terminal, data).adminToken();
          if (!java.nio.file.Files.exists(file)) {
            throw new Refusal(
                ExitCode.UNREACHABLE,
                "no token: "
                    + file
                    + " does not exist; give --token-file FILE or set HOLDFAST_TOKEN");
          }
          return DataDirectory.readSecret(file);
        });
  }

  /**
   * The URL of a server, as an operator may write it.
   *
   * @throws Refusal if it is not one
   */
  public static URI url(String text) {
    try {
      URI uri = URI.create(text.contains("://") ? text : "http://" + text);
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      boolean bare =
          uri.getRawUserInfo() == null && uri.getRawQuery() == null && uri.getRawFragment() == null;
      if (web && bare && uri.getHost() != null) {
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        return URI.create(
            uri.getScheme() + "://" + uri.getRawAuthority() + path.replaceAll("/+$", ""));
      }
    } catch (IllegalArgumentException e) {
      // Said below, for every form of it.
    }
    throw new Refusal(
        ExitCode.USAGE,
        Quote.of(text) + " is not a server; write http://HOST:PORT or https://HOST");
  }

  /** Whether tokens would travel readable for others than this host. */
  public static boolean inTheClear(URI server) {
    if (!"http".equals(server.getScheme())) {
      return false;
    }
    try {
      return !InetAddress.getByName(server.getHost()).isLoopbackAddress();
    } catch (UnknownHostException e) {
      // It will not be reached either, and that is said then.
      return false;
    }
  }
}
