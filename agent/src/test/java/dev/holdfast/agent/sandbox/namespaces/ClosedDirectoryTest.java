package dev.holdfast.agent.sandbox.namespaces;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;

/** The same where only root may pass to the data directory, as under {@code /root}. */
public class ClosedDirectoryTest extends NamespacesSandboxTest {
  private Path outer = Path.of("/nowhere");

  @Override
  protected Path makeData() throws IOException {
    // What the JDK makes is its maker's alone.
    outer = Files.createTempDirectory("hf");
    return Files.createDirectory(outer.resolve("closed"));
  }

  @AfterEach
  void removeOuter() throws IOException, InterruptedException {
    new ProcessBuilder("rm", "-rf", outer.toString()).start().waitFor();
  }
}
