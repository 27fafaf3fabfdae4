package dev.holdfast.orchestrator.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real file system of one megabyte, which only root can mount. */
class FullDiskTest {
  @TempDir Path folder;

  @Test
  void aFullDiskLosesNothingAndTheAppendCanBeMadeAgain() throws Exception {
    assumeThat(run("mount", "-t", "tmpfs", "-o", "size=1m", "none", folder.toString()))
        .as("may mount a file system")
        .isZero();
    try (var store = new FileLogStore(folder, InstantSource.system())) {
      byte[] first = new byte[300_000];
      byte[] second = new byte[500_000];
      new Random(1).nextBytes(first);
      new Random(2).nextBytes(second);
      Path ballast = Files.write(folder.resolve("ballast"), new byte[500_000]);
      store.append("att_1", 0, first);
      assertThatThrownBy(() -> store.append("att_1", 300_000, second))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot keep the log of att_1 in ")
          .hasMessageContaining("No space left on device; make room there");
      assertThat(store.length("att_1")).isEqualTo(300_000);
      assertThatThrownBy(() -> store.append("att_1", 300_000, second))
          .isInstanceOf(IOException.class);
      Files.delete(ballast);
      assertThat(store.append("att_1", 300_000, second)).isEqualTo(800_000);
      var out = new ByteArrayOutputStream();
      store.read("att_1", 0, Long.MAX_VALUE, out);
      assertThat(out.toByteArray()).startsWith(first).endsWith(second).hasSize(800_000);
    } finally {
      assertThat(run("umount", folder.toString())).isZero();
    }
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
