package dev.holdfast.probe;

import dev.holdfast.agent.checkout.Checkout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the program of an attack finds in its workspace: the kit, the canary, its variables. */
record Values(Path kit, String canary, Map<String, String> variables) {

  /** With one more variable. */
  Values with(String name, String value) {
    var more = new LinkedHashMap<>(variables);
    more.put(name, value);
    return new Values(kit, canary, more);
  }

  /** A checkout that writes them, and nothing else. */
  Checkout checkout() {
    return (source, workspace) -> {
      try {
        write(workspace);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write the attack's program", e);
      }
    };
  }

  void write(Path workspace) throws IOException {
    Files.copy(kit, workspace.resolve(Prelude.KIT), StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(workspace.resolve(Prelude.CANARY), canary + "\n");
    var text = new StringBuilder();
    variables.forEach((name, value) ->
        text.append(name).append("='").append(value.replace("'", "'\\''")).append("'\n"));
    Files.writeString(workspace.resolve(Prelude.VALUES), text);
  }
}
