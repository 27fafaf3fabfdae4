package dev.holdfast.cli;

import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Terminal;
import java.time.Duration;
import java.time.Instant;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code holdfast secret rotate-master}. */
@CommandLine.Command(
    name = "rotate-master",
    description = {
      "Wraps all data keys with the first master key of the server's --keys file, which is read"
          + " again for it; without such a file, with a new one, in a new file beside the old.",
      "Jobs are given secrets meanwhile. If the server ends in between it goes on at its next"
          + " start. The old key is needed until it is over; then this says that it may go."
    },
    footer = {"", "Examples:", "  holdfast secret rotate-master"})
final class SecretRotateMasterCommand extends ClientCommand {
  private static final Duration LOOK = Duration.ofMillis(300);

  @Option(names = "--no-wait", description = "Do not wait until it is over.")
  boolean noWait;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "Wait so long; else ${DEFAULT-VALUE}.")
  long timeout = 600;

  SecretRotateMasterCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() throws InterruptedException {
    var api = api();
    Fields answer = api.post("/api/v1/master-keys/rotation", new JsonFields());
    Instant end = terminal.clock().instant().plusSeconds(timeout);
    while (!noWait
        && !answer.at("rotation").has("finished")
        && !answer.at("rotation").has("problem")
        && terminal.clock().instant().isBefore(end)) {
      Thread.sleep(LOOK); // the server is asked anew; nothing else tells
      answer = api.get("/api/v1/master-keys");
    }
    if (json) {
      terminal.json(answer.json());
    } else {
      tell(answer);
    }
    return noWait || answer.at("rotation").has("finished") ? ExitCode.OK : ExitCode.FAILED;
  }

  private void tell(Fields answer) {
    Fields rotation = answer.at("rotation");
    String master = Plain.of(rotation.text("master"));
    if (!rotation.has("finished")) {
      terminal
          .out()
          .println(
              "Rotating to "
                  + master
                  + "; "
                  + rotation.number("left", 0)
                  + " data keys are left. Keep the old key; see holdfast secret keys");
      if (rotation.has("problem")) {
        terminal.err().println("It cannot end: " + Plain.of(rotation.text("problem"), 1000));
      }
      return;
    }
    terminal.out().println("All data keys are wrapped by " + master);
    for (Fields key : answer.list("keys")) {
      if (key.is("may-go")) {
        terminal
            .out()
            .println(
                "The master key "
                    + Plain.of(key.text("name"))
                    + " may go; backups of before need it");
      }
    }
  }
}
