package dev.holdfast.relay;

import dev.holdfast.relay.store.Allowance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;

/** A relay in a process of its own, that tests kill or look into. */
@NullMarked
final class RelayProcess implements AutoCloseable {
  private final Process process;
  private final Relay.Ports ports;

  private RelayProcess(Process process, Relay.Ports ports) {
    this.process = process;
    this.ports = ports;
  }

  /** The process: {@code DATABASE PORTS-FILE [hasty]}. */
  public static void main(String[] args) throws Exception {
    Relay relay = Relay.start(with(Relays.settings(args[0])), InstantSource.system());
    Path file = Path.of(args[1]);
    Relay.Ports ports = relay.ports();
    if (args.length > 2) {
      ports =
          new Relay.Ports(HastyFront.before(ports.ingress()), ports.tenants(), ports.operator());
    }
    Path fresh = file.resolveSibling("fresh");
    Files.writeString(fresh, ports.ingress() + " " + ports.tenants() + " " + ports.operator());
    Files.move(fresh, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    // Ends with its parent, however that one went.
    while (System.in.read() >= 0) {
      // Nothing is said here.
    }
    relay.close();
  }

  private static RelaySettings with(RelaySettings s) {
    return new RelaySettings(
        s.database(),
        s.ingress(),
        s.tenants(),
        s.operator(),
        s.address(),
        s.proxies(),
        s.limits(),
        new Allowance(100_000, 1L << 30, Duration.ofDays(1), Duration.ofSeconds(2)));
  }

  /** Starts one; what it logs, at its most talkative, goes to {@code log}. */
  static RelayProcess start(String database, Path folder, Path log, String... more)
      throws Exception {
    Path ports = folder.resolve("ports");
    Files.deleteIfExists(ports);
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path")));
    command.addAll(List.of(RelayProcess.class.getName(), database, ports.toString()));
    command.addAll(List.of(more));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!Files.exists(ports)) {
      if (!process.isAlive() || System.nanoTime() > end) {
        process.destroyForcibly();
        throw new IOException("the relay did not start: " + Files.readString(log));
      }
      process.waitFor(20, TimeUnit.MILLISECONDS);
    }
    String[] numbers = Files.readString(ports).split(" ", -1);
    return new RelayProcess(
        process,
        new Relay.Ports(
            Integer.parseInt(numbers[0]),
            Integer.parseInt(numbers[1]),
            Integer.parseInt(numbers[2])));
  }

  Relay.Ports ports() {
    return ports;
  }

  long pid() {
    return process.pid();
  }

  /** As an operator stops it: what it took it finishes. */
  void stop() throws IOException, InterruptedException {
    process.getOutputStream().close();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new IOException("the relay did not stop within a minute");
    }
  }

  /** As {@code kill -9}. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    boolean interrupted = false;
    while (true) {
      try {
        process.waitFor();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
