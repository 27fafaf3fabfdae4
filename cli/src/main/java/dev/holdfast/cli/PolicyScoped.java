package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.json.Json;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A command about the policy of the installation, an organisation or one repository. */
abstract class PolicyScoped extends ClientCommand {
  @Option(
      names = "--repository",
      paramLabel = "NAME",
      description = "The policy of this repository; else that of the whole installation.")
  @Nullable String repository;

  @Option(
      names = "--organisation",
      paramLabel = "NAME",
      description = "The policy of all repositories that were added with this organisation.")
  @Nullable String organisation;

  PolicyScoped(Terminal terminal) {
    super(terminal);
  }

  final String scoped(String path, Map<String, Optional<String>> more) {
    var query = new java.util.LinkedHashMap<String, Optional<String>>(more);
    if (repository != null && organisation != null) {
      throw new Refusal(ExitCode.USAGE, "give one of --repository and --organisation");
    }
    query.put("repository", Optional.ofNullable(repository));
    query.put("organisation", Optional.ofNullable(organisation));
    return path + Api.query(query);
  }

  /** The policy that {@code file} holds, {@code -} for standard input. */
  final Json.Obj read(Path file) {
    return JsonFile.read(terminal, file, "see holdfast policy show");
  }

  /** One setting a line. */
  static String lines(Fields policy) {
    Fields approval = policy.at("approval");
    return "hold-known   "
        + (policy.is("hold-known") ? "yes" : "no")
        + "\nat-once      "
        + (policy.has("at-once") ? Plain.of(policy.text("at-once")) : "never")
        + "\nfloor        "
        + Plain.of(policy.text("floor"))
        + "\napproval     "
        + approval.number("count", 0)
        + (approval.is("own") ? ", one's own counts" : ", not one's own")
        + "\nhold-for     "
        + Plain.of(policy.text("hold-for"))
        + "\nmay-loosen   "
        + (policy.has("may-loosen")
            ? policy.list("may-loosen").stream()
                .map(Fields::text)
                .map(Plain::of)
                .collect(Collectors.joining(", "))
            : "nothing");
  }
}
