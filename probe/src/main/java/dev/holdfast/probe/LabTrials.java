package dev.holdfast.probe;

import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import dev.holdfast.probe.lab.Lab;
import dev.holdfast.probe.lab.LabFailed;
import dev.holdfast.probe.lab.LabProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A lab with an agent in it, for the attacks on the network. Made when the first of them wants it,
 * so that a probe without them needs none.
 */
final class LabTrials implements AutoCloseable {
  private final Backend backend;
  private final Installation installation;
  private final Path kit;
  private @Nullable Lab lab;
  private @Nullable LabProcess agent;
  private String lacks = "";

  LabTrials(Backend backend, Installation installation, Path kit) {
    this.backend = backend;
    this.installation = installation;
    this.kit = kit;
  }

  /** Why there is no lab, or none with {@code target} in it; empty if there is. */
  Optional<String> lacks(String target) {
    if (!LabTargets.at("", "").containsKey(target)) {
      return Optional.of("needs a lab with the target " + target);
    }
    if (agent == null && lacks.isEmpty()) {
      try {
        open();
      } catch (LabFailed | IOException e) {
        lacks = Verdict.line("needs the lab: " + e.getMessage());
        close();
      }
    }
    return Optional.of(lacks).filter(l -> !l.isEmpty());
  }

  private void open() throws IOException {
    Lab made = Lab.open();
    lab = made;
    made.name(LabTargets.REBINDING, "10.9.9.9");
    made.name(LabTargets.INTERNAL, "203.0.113.10");
    made.name(LabTargets.TUNNEL, "203.0.113.10");
    Path folder = Files.createDirectories(installation.folder().resolve("l"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    agent =
        made.startInHost(
            LabAgent.class,
            List.of(
                backend.name(),
                folder.toString(),
                installation.distribution().directory().toString(),
                kit.toString(),
                installation.engine().orElse(""),
                installation.image().orElse(""),
                installation.machines().map(m -> m.images().toString()).orElse(""),
                installation.machines().map(m -> m.settings().image()).orElse(""),
                installation.machines().map(m -> m.settings().tcg().name()).orElse("")));
  }

  /** What comes of an attack where {@code missing} is missing. */
  Verdict of(Attack attack, Set<Protection> missing) {
    LabProcess told = agent;
    Lab around = lab;
    if (told == null || around == null) {
      return new Verdict.Inconclusive("there is no lab");
    }
    String mark = "mark" + UUID.randomUUID();
    String[] answer =
        told.ask(
                attack.id()
                    + "\t"
                    + missing.stream().map(Protection::name).collect(Collectors.joining(","))
                    + "\t"
                    + mark)
            .split("\t", 2);
    if (around.hasSeen(mark)) {
      return new Verdict.Through("it arrived");
    }
    return switch (answer[0]) {
      case "through" -> new Verdict.Through(answer[1]);
      case "stopped" -> new Verdict.Stopped(answer[1]);
      case "absent" -> new Verdict.Absent(answer[1]);
      default -> new Verdict.Inconclusive(String.join(" ", answer));
    };
  }

  @Override
  public void close() {
    agent = null;
    Lab made = lab;
    lab = null;
    if (made != null) {
      made.close();
    }
  }
}
