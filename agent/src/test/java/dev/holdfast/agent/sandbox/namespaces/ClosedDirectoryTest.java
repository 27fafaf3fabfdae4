package dev.holdfast.agent.sandbox.namespaces;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The same where only root may pass to the data directory, as under {@code /root}. */
public class ClosedDirectoryTest extends NamespacesSandboxTest {
  @Override
  protected Path makeData() throws IOException {
    // What the JDK makes is its maker's alone.
    return Files.createDirectory(Files.createTempDirectory("hf").resolve("closed"));
  }

  @Override
  protected Path outermost() {
    return data.resolve("..").normalize();
  }
}
