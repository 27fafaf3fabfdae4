package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real file system that is really full. */
class FullDiskTest {
  @TempDir Path folder;

  private static boolean command(String... words) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
  }

  @Test
  void nothingIsAcknowledgedThatIsNotKeptAndSpaceHelpsByItself() throws Exception {
    String mount = folder.toString();
    assumeTrue(
        command("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", mount),
        "this needs the right to mount");
    try (Stage stage = new Stage(folder, Clock.systemUTC())) {
      stage.forge.define(Stage.workflow("ci", Stage.job("test")));
      stage.repository("app");
      Caller admin = stage.admin();
      String begin = "{\"workflow\": \"ci\"}";
      int accepted = 0;
      assertThat(admin.post("/api/v1/repositories/app/events", begin).status())
          .as("control: there is room")
          .isEqualTo(202);
      accepted++;
      Path filler = folder.resolve("filler");
      fill(filler);
      Caller.Answer refused = admin.post("/api/v1/repositories/app/events", begin);
      for (int i = 0; i < 1000 && refused.status() == 202; i++) {
        accepted++;
        refused = admin.post("/api/v1/repositories/app/events", begin);
      }
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.at("error"))
          .contains(folder + "/holdfast.db cannot be written: disk full; free space and retry");
      assertThat(admin.get("/api/v1/runs").status()).as("reading goes on").isEqualTo(200);
      Files.delete(filler);
      assertThat(admin.post("/api/v1/repositories/app/events", begin).status()).isEqualTo(202);
      int kept = accepted + 1;
      org.awaitility.Awaitility.await()
          .untilAsserted(() ->
              assertThat(
                      admin.get("/api/v1/runs?limit=1000").text().split("\"number\":").length - 1)
                  .isEqualTo(kept));
    } finally {
      command("umount", "-l", mount);
    }
  }

  private static void fill(Path file) throws IOException {
    try (var out = Files.newOutputStream(file)) {
      byte[] page = new byte[4096];
      while (true) {
        out.write(page);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
  }
}
