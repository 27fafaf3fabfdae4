package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.relay.Relay;
import dev.holdfast.relay.RelaySettings;
import dev.holdfast.relay.http.Listening;
import dev.holdfast.relay.http.Ranges;
import dev.holdfast.relay.ingress.Limits;
import dev.holdfast.relay.store.Allowance;
import dev.holdfast.relay.store.Unavailable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code holdfast relay serve}. */
@CommandLine.Command(
    name = "serve",
    description = {
      "Runs a relay until SIGTERM or Ctrl-C. It has three doors, each with an address of its own:"
          + " forges post at one, tenants' servers fetch at another, and the third, for you, has"
          + " /metrics, /healthz, /readyz and a page of counters.",
      "With --certificate, the first two speak TLS. Without, they are for loopback or for a proxy"
          + " that ends TLS, which --proxy names."
    },
    footer = {
      "",
      "Examples:",
      "  holdfast relay serve --db relay.db --address https://hooks.example.org --proxy"
          + " 127.0.0.0/8",
      "  holdfast relay serve --db 'postgresql://db/relay?user=relay' --address"
          + " https://hooks.example.org --ingress 0.0.0.0:443 --tenants 0.0.0.0:8443 --certificate"
          + " fullchain.pem --key key.pem"
    })
final class RelayServeCommand extends RelayCommand.OfDatabase {
  private static final int MIB = 1024 * 1024;

  @Option(
      names = "--address",
      paramLabel = "URL",
      required = true,
      description = "How forges reach the first door, as https://hooks.example.org.")
  String address = "";

  @Option(
      names = "--ingress",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:8787",
      description = "Where forges post; ${DEFAULT-VALUE} where not given.")
  String ingress = "";

  @Option(
      names = "--tenants",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:8788",
      description = "Where tenants' servers fetch; ${DEFAULT-VALUE} where not given.")
  String tenants = "";

  @Option(
      names = "--operator",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:8789",
      description =
          "Metrics, health and counters, for you alone; ${DEFAULT-VALUE} where not given.")
  String operator = "";

  @Option(
      names = "--certificate",
      paramLabel = "FILE",
      description = "Certificate and those it hangs on, PEM. Read again when it changes.")
  @Nullable Path certificate;

  @Option(names = "--key", paramLabel = "FILE", description = "Its key, PKCS#8, PEM.")
  @Nullable Path key;

  @Option(
      names = "--proxy",
      paramLabel = "RANGE",
      description =
          "Addresses of proxies that end TLS and whose X-Forwarded-For is believed, as 10.0.0.0/24;"
              + " can be repeated.")
  List<String> proxies = List.of();

  @Option(
      names = "--keep-days",
      paramLabel = "N",
      defaultValue = "7",
      description = "How long a delivery is kept; ${DEFAULT-VALUE} days where not given.")
  int keepDays;

  @Option(
      names = "--keep-count",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Deliveries kept for one tenant; ${DEFAULT-VALUE} where not given.")
  long keepCount;

  @Option(
      names = "--keep-mib",
      paramLabel = "N",
      defaultValue = "512",
      description = "MiB kept for one tenant; ${DEFAULT-VALUE} where not given.")
  long keepMib;

  @Option(
      names = "--largest-mib",
      paramLabel = "N",
      defaultValue = "25",
      description = "MiB of the largest body, 25 at most; ${DEFAULT-VALUE} where not given.")
  int largestMib;

  @Option(
      names = "--source-rate",
      paramLabel = "N",
      defaultValue = "50",
      description =
          "Deliveries a second of one source, ten times as many at once; ${DEFAULT-VALUE} where not"
              + " given.")
  int sourceRate;

  @Option(
      names = "--address-rate",
      paramLabel = "N",
      defaultValue = "500",
      description =
          "Posts a second of one address, four times as many at once; ${DEFAULT-VALUE} where not"
              + " given. A forge's addresses are those of all its tenants.")
  int addressRate;

  @Option(names = "--json", description = "Print the ready line as JSON.")
  boolean json;

  RelayServeCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() throws InterruptedException {
    Logging.forService(terminal);
    try (Relay relay = Relay.start(settings(), InstantSource.system());
        var service = Service.open(() -> {})) {
      ready(relay.ports());
      service.awaitSignal();
      return ExitCode.OK;
    } catch (Unavailable | IOException e) {
      throw new Refusal(ExitCode.INTERNAL, String.valueOf(e.getMessage()), e);
    }
  }

  private void ready(Relay.Ports ports) {
    if (json) {
      terminal.json(
          new JsonFields()
              .text("event", "ready")
              .number("ingress", ports.ingress())
              .number("tenants", ports.tenants())
              .number("operator", ports.operator())
              .json());
    } else {
      terminal
          .out()
          .println(
              "ready  ingress port "
                  + ports.ingress()
                  + "  tenants port "
                  + ports.tenants()
                  + "  operator port "
                  + ports.operator());
    }
  }

  private RelaySettings settings() {
    try {
      Ranges trusted = Ranges.of(proxies);
      Optional<Listening.Files> tls = files();
      return new RelaySettings(
          database(),
          door("--ingress", ingress, tls, trusted),
          door("--tenants", tenants, tls, trusted),
          Listening.at(address("--operator", operator), Optional.empty()),
          address.endsWith("/") ? address.substring(0, address.length() - 1) : address,
          trusted,
          Limits.DEFAULT
              .body(Math.multiplyExact(largestMib, MIB))
              .perSource(
                  new Limits.Rate(atLeastOne("--source-rate", sourceRate), 10.0 * sourceRate))
              .perAddress(
                  new Limits.Rate(atLeastOne("--address-rate", addressRate), 4.0 * addressRate)),
          new Allowance(
              keepCount,
              Math.multiplyExact(keepMib, MIB),
              Duration.ofDays(keepDays),
              Allowance.DEFAULT.lease()));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new Refusal(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    }
  }

  private static int atLeastOne(String option, int rate) {
    if (rate < 1) {
      throw new IllegalArgumentException(option + " is " + rate + "; 1 is the least");
    }
    return rate;
  }

  private Optional<Listening.Files> files() {
    if (certificate == null && key == null) {
      return Optional.empty();
    }
    if (certificate == null || key == null) {
      throw new Refusal(ExitCode.USAGE, "--certificate and --key go together; give both");
    }
    return Optional.of(new Listening.Files(terminal.resolve(certificate), terminal.resolve(key)));
  }

  private static InetSocketAddress address(String option, String text) {
    Listen listen = Listen.of(option, text);
    return new InetSocketAddress(listen.host(), listen.port());
  }

  /** Refuses to send credentials and webhooks over a network in the clear. */
  private static Listening door(
      String option, String text, Optional<Listening.Files> tls, Ranges trusted) {
    InetSocketAddress address = address(option, text);
    InetAddress host = address.getAddress();
    if (host == null) {
      throw new Refusal(ExitCode.USAGE, option + ": the host of " + text + " is not known here");
    }
    if (tls.isEmpty() && trusted.isEmpty() && !host.isLoopbackAddress()) {
      throw new Refusal(
          ExitCode.USAGE,
          option
              + " is reached over a network, and would be in the clear; give --certificate and"
              + " --key, or say with --proxy who ends TLS before it");
    }
    return Listening.at(address, tls);
  }
}
