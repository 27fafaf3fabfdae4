package dev.holdfast.orchestrator.forge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.event.CommitId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HookTest {
  @TempDir Path folder;
  private Sandpit pit;

  @BeforeEach
  void make() throws Exception {
    pit = new Sandpit(folder);
  }

  private Path hook(String name) {
    return pit.bare.resolve("hooks").resolve(name);
  }

  private void foreign(String script) throws Exception {
    Files.writeString(hook("post-receive"), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(
        hook("post-receive"), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void aPushIsNotedAsGitSaysIt() throws Exception {
    Hook.install(pit.bare);
    Hook.install(pit.bare);
    CommitId commit = pit.commit();
    String said = pit.sh("git push origin main main:refs/heads/other 2>&1");
    assertThat(said).contains("remote: Holdfast: noted; see it with: holdfast runs");
    assertThat(pit.spooled()).hasSize(1);
    assertThat(Files.readString(pit.spooled().getFirst()))
        .isEqualTo(
            "%1$s %2$s refs/heads/main\n%1$s %2$s refs/heads/other\n"
                .formatted("0".repeat(40), commit));
    assertThat(SpoolFile.isName(pit.spooled().getFirst().getFileName().toString())).isTrue();
  }

  @Test
  void namesOfRefsAreNeverLookedAt() throws Exception {
    Hook.install(pit.bare);
    pit.commit();
    String names = "'$(touch${IFS}pwned)' '--upload-pack=x' '`touch${IFS}pwned`' ';reboot' '%s%n'";
    pit.sh("for n in " + names + "; do git push -q origin \"main:refs/heads/$n\"; done");
    assertThat(pit.spooled()).hasSize(5);
    var all = new StringBuilder();
    for (Path file : pit.spooled()) {
      all.append(Files.readString(file));
    }
    assertThat(all.toString().lines().map(l -> l.substring(82)))
        .containsExactly(
            "refs/heads/$(touch${IFS}pwned)",
            "refs/heads/--upload-pack=x",
            "refs/heads/`touch${IFS}pwned`",
            "refs/heads/;reboot",
            "refs/heads/%s%n");
    assertThat(pit.sh("find " + pit.bare + " -name '*pwned' -not -path '*/refs/*'")).isEmpty();
  }

  @Test
  void aHookThatWasThereIsKeptCalledAndPutBack() throws Exception {
    foreign("cat > foreign-saw; echo from the other hook");
    Hook.install(pit.bare);
    Hook.install(pit.bare);
    pit.commit();
    assertThat(pit.sh("git push origin main 2>&1")).contains("from the other hook", "noted");
    assertThat(Files.readString(pit.bare.resolve("foreign-saw")))
        .isEqualTo(Files.readString(pit.spooled().getFirst()));
    Hook.remove(pit.bare);
    assertThat(hook("post-receive")).content().contains("foreign-saw");
    assertThat(hook("post-receive.before-holdfast")).doesNotExist();
    Hook.remove(pit.bare);
    assertThat(hook("post-receive")).exists();
  }

  @Test
  void aSpoolThatCannotBeWrittenFailsNoPush() throws Exception {
    foreign("cat > foreign-saw");
    Hook.install(pit.bare);
    Files.delete(pit.bare.resolve(Hook.SPOOL));
    Files.writeString(pit.bare.resolve(Hook.SPOOL), "in the way");
    pit.commit();
    assertThat(pit.sh("git push origin main 2>&1"))
        .contains("remote: Holdfast: this push could not be noted")
        .contains("[new branch]");
    assertThat(pit.bare.resolve("foreign-saw")).exists();
  }

  @Test
  void removingTakesAwayOnlyWhatIsOurs() throws Exception {
    Hook.install(pit.bare);
    Hook.remove(pit.bare);
    assertThat(hook("post-receive")).doesNotExist();
    assertThatThrownBy(() -> Hook.install(folder.resolve("nowhere")))
        .hasMessageContaining("is not a bare git repository");
  }

  @Test
  void theHookIsQuick() throws Exception {
    Hook.install(pit.bare);
    Files.writeString(folder.resolve("input"), "0 0 refs/heads/x\n");
    long began = System.nanoTime();
    pit.sh(
        "cd "
            + pit.bare
            + "; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20;"
            + " do GIT_DIR=. hooks/post-receive < ../input >/dev/null; done");
    double millis = (System.nanoTime() - began) / 20e6;
    System.out.printf("hook: %.1f ms%n", millis);
    assertThat(pit.spooled()).hasSize(20);
    assertThat(millis).isLessThan(100);
  }
}
