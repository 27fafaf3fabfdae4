package dev.holdfast.cli;

import dev.holdfast.cli.client.DataDirectory;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.orchestrator.Orchestrator;
import dev.holdfast.orchestrator.OrchestratorConfig;
import dev.holdfast.orchestrator.PlainGitSource;
import dev.holdfast.orchestrator.access.SignInClient;
import dev.holdfast.orchestrator.access.SignInClients;
import dev.holdfast.orchestrator.db.StoreUnavailable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;

/** An orchestrator in this process, over one data folder that is its alone. */
final class RunningServer implements AutoCloseable {
  private final DataDirectory directory;
  private final Orchestrator orchestrator;
  private final URI url;

  private RunningServer(DataDirectory directory, Orchestrator orchestrator, URI url) {
    this.directory = directory;
    this.orchestrator = orchestrator;
    this.url = url;
  }

  /**
   * Starts it; it listens and has said so in {@code server.json} when this returns.
   *
   * @param lease how long an agent may be silent before its jobs are another's
   */
  static RunningServer start(
      Terminal terminal, DataDirectory directory, Listen listen, Duration lease) {
    return start(
        terminal,
        directory,
        listen,
        lease,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /**
   * As {@link #start(Terminal, DataDirectory, Listen, Duration)}.
   *
   * @param signIn a file about the forges at which people sign in
   * @param relay by which webhooks come
   * @param keys a file about master keys and vaults
   * @param publicUrl where others find it
   */
  static RunningServer start(
      Terminal terminal,
      DataDirectory directory,
      Listen listen,
      Duration lease,
      Optional<Path> signIn,
      Optional<String> relay,
      Optional<Path> keys,
      Optional<URI> publicUrl) {
    directory.make();
    Path data = directory.serverPart();
    try {
      if (!Files.isDirectory(data)) {
        Files.createDirectory(
            data,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      var config =
          config(data, listen, lease, publicUrl)
              .by(relay)
              .sealedBy(keys, terminal.variable("CREDENTIALS_DIRECTORY").map(Path::of));
      SignInClients clients =
          signIn.isPresent() ? SignInClient.read(signIn.get()) : SignInClients.NONE;
      var orchestrator =
          Orchestrator.start(
              config, terminal.clock(), PlainGitSource.outside(config, terminal.clock(), clients));
      URI url = url(listen.host(), orchestrator.port());
      directory.announce(url);
      orchestrator
          .adminToken()
          .ifPresent(token -> {
            directory.linkAdminToken();
            terminal
                .err()
                .println(
                    "admin token (shown this once, kept in "
                        + directory.adminToken()
                        + "): "
                        + token);
          });
      return new RunningServer(directory, orchestrator, url);
    } catch (IOException | UncheckedIOException | StoreUnavailable e) {
      throw cannotStart(listen, e);
    } catch (RuntimeException e) {
      throw e instanceof Refusal ? e : cannotStart(listen, e);
    }
  }

  private static OrchestratorConfig config(
      Path data, Listen listen, Duration lease, Optional<URI> publicUrl) {
    try {
      return new OrchestratorConfig(data, listen.host(), listen.port(), lease).foundAt(publicUrl);
    } catch (IllegalArgumentException e) {
      throw new Refusal(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    }
  }

  private static Refusal cannotStart(Listen listen, Exception e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof java.net.BindException) {
        return new Refusal(
            ExitCode.INTERNAL,
            "cannot listen at "
                + listen.host()
                + ":"
                + listen.port()
                + " ("
                + Plain.of(String.valueOf(cause.getMessage()), 100)
                + "); give another address by --listen",
            e);
      }
    }
    return new Refusal(
        ExitCode.INTERNAL,
        "the server cannot start: " + Plain.of(String.valueOf(e.getMessage()), 500),
        e);
  }

  private static URI url(String host, int port) {
    String reach =
        switch (host) {
          case "0.0.0.0" -> "127.0.0.1";
          case "::" -> "[::1]";
          default -> host.contains(":") ? "[" + host + "]" : host;
        };
    return URI.create("http://" + reach + ":" + port);
  }

  URI url() {
    return url;
  }

  @Override
  public void close() {
    directory.withdraw();
    try {
      orchestrator.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the server did not stop well", e);
    }
  }
}
