package dev.holdfast.orchestrator.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.orchestrator.seal.command.KeyCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A command that prints the master key, and does not do what it should. */
class KeyCommandTest {
  private static final String KEY = "6b".repeat(32);

  @TempDir Path folder;

  private KeyCommand script(String text, Duration patience) throws IOException {
    Path file = folder.resolve("key" + System.nanoTime());
    Files.writeString(file, "#!/bin/sh\n" + text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return new KeyCommand(List.of(file.toString()), patience);
  }

  private KeyCommand script(String text) throws IOException {
    return script(text, Duration.ofSeconds(20));
  }

  @Test
  void oneThatPrintsAKeyIsRead() throws Exception {
    byte[] printed = script("echo " + KEY).run();
    assertThat(new String(printed, StandardCharsets.US_ASCII)).isEqualTo(KEY + "\n");
    byte[] data = Gcm.newKey();
    LocalKey key = LocalKey.read("k", printed, "it");
    assertThat(key.unwrap(key.wrap(data, new byte[] {1}), new byte[] {1})).isEqualTo(data);
  }

  @Test
  void oneThatFailsIsRefusedAndNothingThatItSaidIsRepeated() throws Exception {
    assertThatThrownBy(() -> script("echo " + KEY + "; echo canary-on-stderr >&2; exit 3").run())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ended with 3")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("6b6b").doesNotContain("canary"));
  }

  @Test
  void oneThatPrintsNoKeyIsRefusedWithTheForms() {
    for (String printed : List.of("", "6b", KEY + "00", "not a key at all, but a canary")) {
      byte[] bytes = printed.getBytes(StandardCharsets.UTF_8);
      assertThatThrownBy(() -> LocalKey.read("k", bytes, "what /bin/x prints"))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("what /bin/x prints is no key: expected 32 bytes")
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("canary"));
    }
  }

  @Test
  @Timeout(60)
  void oneThatPrintsForEverIsStopped() throws Exception {
    assertThatThrownBy(() -> script("while :; do echo " + KEY + "; done").run())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("prints more than any key has");
  }

  @Test
  @Timeout(60)
  void oneThatNeverEndsIsStopped() throws Exception {
    Path pid = folder.resolve("pid");
    assertThatThrownBy(
            () -> script("echo $$ > " + pid + "; exec sleep 1000", Duration.ofMillis(1500)).run())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("did not end within 1500 ms");
    long id = Long.parseLong(Files.readString(pid).strip());
    ProcessHandle.of(id).ifPresent(process -> process.onExit().join());
    assertThat(ProcessHandle.of(id)).isEmpty();
  }

  @Test
  @Timeout(60)
  void oneThatPrintsAndStaysIsStopped() throws Exception {
    assertThatThrownBy(() ->
            script("echo " + KEY + "; exec >&-; exec sleep 1000", Duration.ofMillis(1500)).run())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("did not end within");
  }

  @Test
  void itGetsNothingOfOurEnvironmentAndNothingToRead() throws Exception {
    String printed = new String(script("/usr/bin/env; cat").run(), StandardCharsets.UTF_8);
    assertThat(printed.lines().filter(line -> !line.matches("(PATH|PWD|_|SHLVL|OLDPWD)=.*")))
        .isEmpty();
    assertThat(System.getenv()).containsKey("HOME");
  }

  @Test
  void noShellReadsItsArgumentsAndARelativePathIsRefused() throws Exception {
    byte[] printed =
        new KeyCommand(List.of("/bin/echo", "$(id)", ";id", "*"), Duration.ofSeconds(20)).run();
    assertThat(new String(printed, StandardCharsets.UTF_8)).isEqualTo("$(id) ;id *\n");
    assertThatThrownBy(() -> new KeyCommand(List.of("echo"), Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("absolute path");
  }
}
