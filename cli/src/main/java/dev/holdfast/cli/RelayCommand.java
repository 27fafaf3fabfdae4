package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.cli.terminal.Times;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.wire.relay.Invitation;
import dev.holdfast.relay.store.Store;
import dev.holdfast.relay.store.Tenants;
import dev.holdfast.relay.store.Tenants.Tenant;
import dev.holdfast.relay.store.Unavailable;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast relay}. */
@CommandLine.Command(
    name = "relay",
    description = {
      "A relay takes webhooks for servers that no forge can reach, and keeps them, sealed, until"
          + " these fetch them. It cannot read what it passes on; see docs/relay.md.",
      "Tenants are looked after on the relay's database itself, also while relays run: there is no"
          + " way to do so over the network."
    },
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  holdfast relay serve --db /var/lib/holdfast-relay/relay.db --address"
          + " https://hooks.example.org",
      "  holdfast relay tenant add acme --db /var/lib/holdfast-relay/relay.db --url"
          + " https://relay.example.org"
    })
final class RelayCommand extends Command {
  RelayCommand(Terminal terminal) {
    super(terminal);
  }

  static CommandLine with(Terminal terminal) {
    return new CommandLine(new RelayCommand(terminal))
        .addSubcommand(new RelayServeCommand(terminal))
        .addSubcommand(new RelayStatusCommand(terminal))
        .addSubcommand(new RelayKeyCommand(terminal))
        .addSubcommand(new RelayCredentialCommand(terminal))
        .addSubcommand(RelaySourceCommand.with(terminal))
        .addSubcommand(
            new CommandLine(new OfTenants(terminal))
                .addSubcommand(new Add(terminal))
                .addSubcommand(new Listing(terminal))
                .addSubcommand(new Revoke(terminal)));
  }

  @Override
  ExitCode run() {
    throw new Refusal(
        ExitCode.USAGE,
        "say what to do: holdfast relay serve or tenant at a relay; status, source, key or"
            + " credential at a server");
  }

  /** {@code holdfast relay tenant}. */
  @CommandLine.Command(
      name = "tenant",
      description = "Who may use the relay.",
      synopsisSubcommandLabel = "COMMAND",
      footer = {"", "Examples:", "  holdfast relay tenant list --db relay.db"})
  static final class OfTenants extends Command {
    OfTenants(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      throw new Refusal(
          ExitCode.USAGE, "say what to do: holdfast relay tenant add, list or revoke");
    }
  }

  /** Where the database is, and what was said of it. */
  abstract static class OfDatabase extends Command {
    @Option(
        names = "--db",
        paramLabel = "DB",
        description =
            "The relay's database: a file, or postgresql://HOST/NAME?user=…; else"
                + " HOLDFAST_RELAY_DB.")
    @Nullable String db;

    OfDatabase(Terminal terminal) {
      super(terminal);
    }

    final String database() {
      String given = db == null ? terminal.variable("HOLDFAST_RELAY_DB").orElse("") : db;
      if (given.isEmpty()) {
        throw new Refusal(
            ExitCode.USAGE, "say which database: --db FILE or postgresql://HOST/NAME?user=…");
      }
      return given.startsWith("postgresql:")
          ? given
          : terminal.resolve(java.nio.file.Path.of(given)).toString();
    }
  }

  /** Does something with tenants. */
  abstract static class OfStore extends OfDatabase {
    @Option(names = "--json", description = "Print JSON.")
    boolean json;

    OfStore(Terminal terminal) {
      super(terminal);
    }

    abstract ExitCode run(Tenants tenants);

    @Override
    final ExitCode run() {
      try (Store store = Store.forOperator(database(), terminal.clock())) {
        return run(store.tenants());
      } catch (Unavailable e) {
        throw new Refusal(ExitCode.UNREACHABLE, String.valueOf(e.getMessage()), e);
      }
    }
  }

  /** {@code holdfast relay tenant add}. */
  @CommandLine.Command(
      name = "add",
      description = {
        "Lets somebody use the relay. Prints, once, the line with which their server enrols; it is"
            + " good for a week, and for one server's database."
      },
      footer = {
        "",
        "Examples:",
        "  holdfast relay tenant add acme --db relay.db --url https://relay.example.org"
      })
  static final class Add extends OfStore {
    @Parameters(
        paramLabel = "NAME",
        description = "What you call them; the relay learns no other name.")
    String name = "";

    @Option(
        names = "--url",
        paramLabel = "URL",
        required = true,
        description = "How servers reach the relay, as https://relay.example.org.")
    String url = "";

    Add(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run(Tenants tenants) {
      Invitation shape;
      try {
        var _ = new Name(name);
        shape = new Invitation(url, "");
      } catch (IllegalArgumentException e) {
        throw new Refusal(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
      }
      Tenants.Added added = tenants.add(name);
      String line = new Invitation(shape.url(), added.token()).line();
      if (json) {
        terminal.json(new JsonFields().text("tenant", added.id()).text("invitation", line).json());
      } else {
        terminal
            .err()
            .println("Added " + Plain.of(name) + " as " + added.id() + ". On its server:");
        terminal.out().println("holdfast server --relay " + line);
      }
      return ExitCode.OK;
    }
  }

  /** {@code holdfast relay tenant list}. */
  @CommandLine.Command(
      name = "list",
      description = "Lists tenants and what is kept for them. With --json: one a line.",
      footer = {"", "Examples:", "  holdfast relay tenant list --db relay.db"})
  static final class Listing extends OfStore {
    Listing(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run(Tenants tenants) {
      List<Tenant> all = tenants.list();
      if (json) {
        all.forEach(tenant -> terminal.json(fields(tenant).json()));
      } else if (all.isEmpty()) {
        terminal.err().println("No tenants. Add one: holdfast relay tenant add NAME");
      } else {
        Instant now = terminal.clock().instant();
        var table =
            new Table(
                terminal.style(),
                "ID",
                "NAME",
                "STATE",
                "SOURCES",
                "WAITING",
                "BYTES",
                "OLDEST",
                "REFUSED",
                "EXPIRED");
        for (Tenant tenant : all) {
          table
              .cell(tenant.id())
              .cell(Plain.of(tenant.name()))
              .cell(state(tenant))
              .cell(Long.toString(tenant.sources()))
              .cell(Long.toString(tenant.standing().waiting()))
              .cell(Long.toString(tenant.standing().bytes()))
              .cell(tenant.oldest().map(at -> Times.ago(at, now)).orElse(""))
              .cell(Long.toString(tenant.standing().refused()))
              .cell(Long.toString(tenant.standing().expired()))
              .end();
        }
        table.lines().forEach(terminal.out()::println);
      }
      return ExitCode.OK;
    }

    private static String state(Tenant tenant) {
      if (tenant.revoked().isPresent()) {
        return "revoked";
      }
      return tenant.enrolled().isPresent() ? "enrolled" : "invited";
    }

    private static JsonFields fields(Tenant tenant) {
      return new JsonFields()
          .text("id", tenant.id())
          .text("name", tenant.name())
          .text("state", state(tenant))
          .number("sources", tenant.sources())
          .number("waiting", tenant.standing().waiting())
          .number("bytes", tenant.standing().bytes())
          .number("refused", tenant.standing().refused())
          .number("expired", tenant.standing().expired());
    }
  }

  /** {@code holdfast relay tenant revoke}. */
  @CommandLine.Command(
      name = "revoke",
      description =
          "Ends a tenant at once, at every relay of this database. What is kept for it is dropped.",
      footer = {"", "Examples:", "  holdfast relay tenant revoke ten_01k3… --db relay.db"})
  static final class Revoke extends OfStore {
    @Parameters(paramLabel = "ID", description = "The tenant's id, as in the list.")
    String id = "";

    Revoke(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run(Tenants tenants) {
      if (!tenants.revoke(id)) {
        throw new Refusal(
            ExitCode.NOT_FOUND,
            "there is no tenant " + Plain.of(id) + " in force; see holdfast relay tenant list");
      }
      if (json) {
        terminal.json(new JsonFields().text("revoked", id).json());
      } else {
        terminal.out().println("Revoked " + Plain.of(id));
      }
      return ExitCode.OK;
    }
  }
}
