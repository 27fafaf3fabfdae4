package dev.holdfast.agent.sandbox.microvm;

import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.SandboxContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;

/**
 * {@link SandboxContract} for machines. The workspace stays in the machine, so that what is said
 * inside comes by the first program's output.
 */
public class MicrovmContractTest extends SandboxContract {
  @BeforeAll
  static void machinesRunHere() {
    TestMachines.assume();
  }

  @Override
  protected SandboxBackend open(Path data) throws Exception {
    if (!Files.exists(data.resolve("microvm"))) {
      TestMachines.imageFor(data);
    }
    return TestMachines.backend(data);
  }

  @Override
  protected String wrapped(String script) {
    return "printf '<'; { " + script + "\n} 2>&1 | base64 -w0; printf '>'";
  }

  @Override
  protected String said(Path attempt, String printed) {
    String text = printed.substring(printed.indexOf('<') + 1, printed.lastIndexOf('>'));
    return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
  }

  /** A kernel of its own numbers its namespaces as the host's does: what differs is the kernel. */
  @Override
  protected List<String> ownNamespaces() {
    return List.of("pid", "ipc", "mnt", "cgroup");
  }

  /** From outside, what is in a machine cannot be seen: all of it lives as long as its monitor. */
  @Override
  protected long alive(String mark) throws IOException {
    long monitors = 0;
    String own = "-nodefaults";
    try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        try {
          String command = Files.readString(process.resolve("cmdline"));
          if (command.contains(own) && command.contains(data.toRealPath().toString())) {
            monitors++;
          }
        } catch (IOException e) {
          // It ended while we looked.
          continue;
        }
      }
    }
    return 3 * monitors;
  }
}
