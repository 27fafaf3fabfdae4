package dev.holdfast.orchestrator.forge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolWatcherTest {
  private static final Duration NEVER = Duration.ofHours(1);
  private static final Duration SOON = Duration.ofMillis(100);

  @TempDir Path folder;
  private Sandpit pit;

  @BeforeEach
  void make() throws Exception {
    pit = new Sandpit(folder);
    Hook.install(pit.bare);
  }

  private SpoolWatcher watch(Intake intake, Duration rescan) throws IOException {
    var watcher = new SpoolWatcher(pit.git, intake, rescan);
    watcher.watch(pit.onDisk(), pit.bare);
    return watcher;
  }

  @Test
  void aPushBecomesAnEventByTheKernelsWordAlone() throws Exception {
    try (var watcher = watch(pit.events::add, NEVER)) {
      watcher.watch(pit.onDisk(), pit.bare);
      CommitId first = pit.commit();
      pit.sh("git push -q origin main");
      Event event = pit.next();
      assertThat(event.repository()).isEqualTo("repo_1");
      assertThat(event.delivery()).matches("[0-9]{19}-[0-9]+-1");
      assertThat(event.happening())
          .isEqualTo(new Happening.Push(new RefName("main"), first, Optional.empty(), false));
      var millis = new ArrayList<Long>();
      CommitId before = first;
      for (int i = 0; i < 15; i++) {
        CommitId next = pit.commit();
        pit.sh("git push -q origin main");
        long pushed = System.nanoTime();
        assertThat(pit.next().happening())
            .isEqualTo(new Happening.Push(new RefName("main"), next, Optional.of(before), false));
        millis.add((System.nanoTime() - pushed) / 1_000_000);
        before = next;
      }
      Collections.sort(millis);
      System.out.printf(
          "event after the end of git push: p50 %d ms, max %d ms%n",
          millis.get(7), millis.getLast());
      await().untilAsserted(() -> assertThat(pit.spooled()).isEmpty());
    }
  }

  @Test
  void branchesTagsDeletionsAndForcedPushesAreToldApart() throws Exception {
    try (var _ = watch(pit.events::add, NEVER)) {
      CommitId first = pit.commit();
      CommitId second = pit.commit();
      pit.sh("git push -q origin main");
      assertThat(pit.nextPush().forced()).isFalse();
      pit.sh("git reset -q --hard HEAD~1");
      CommitId other = pit.commit();
      if (other.equals(second)) {
        pit.sh("git commit -q --amend --allow-empty -m other");
        other = new CommitId(pit.sh("git rev-parse HEAD").strip());
      }
      pit.sh("git push -q -f origin main");
      assertThat(pit.nextPush())
          .isEqualTo(new Happening.Push(new RefName("main"), other, Optional.of(second), true));
      pit.sh(
          "git tag -a -m annotated v1 && git tag plain "
              + first
              + " && git push -q origin v1 plain");
      assertThat(List.of(pit.next().happening(), pit.next().happening()))
          .containsExactlyInAnyOrder(
              new Happening.Tag(new RefName("v1"), other),
              new Happening.Tag(new RefName("plain"), first));
      pit.sh("git push -q origin :v1 main:refs/notes/x main:refs/heads/--upload-pack=x");
      assertThat(pit.nextPush().ref()).isEqualTo(new RefName("--upload-pack=x"));
      String longName = "a".repeat(150) + "/" + "b".repeat(150);
      pit.sh(
          "t=$(git rev-parse HEAD:) && git tag tree $t && git push -q origin tree main:refs/heads/"
              + longName);
      pit.sh("git push -q origin 'main:refs/heads/$(reboot)'");
      assertThat(pit.nextPush().ref()).isEqualTo(new RefName("$(reboot)"));
      await().untilAsserted(() -> assertThat(pit.spooled()).isEmpty());
    }
  }

  @Test
  void pushesWhileNobodyWatchedComeInTheirOrder() throws Exception {
    var commits = new ArrayList<CommitId>();
    for (int i = 0; i < 5; i++) {
      commits.add(pit.commit());
      pit.sh("git push -q origin main");
    }
    try (var _ = watch(pit.events::add, NEVER)) {
      for (CommitId commit : commits) {
        assertThat(pit.nextPush().commit()).isEqualTo(commit);
      }
    }
  }

  @Test
  void whatCannotBeKeptIsBroughtAgainWithTheSameDelivery() throws Exception {
    var failures = new AtomicInteger(3);
    var refused = Collections.synchronizedList(new ArrayList<String>());
    Intake intake =
        event -> {
          if (failures.getAndDecrement() > 0) {
            refused.add(event.delivery());
            throw new IOException("No space left on device");
          }
          pit.events.add(event);
        };
    try (var _ = watch(intake, NEVER)) {
      pit.commit();
      pit.sh("git push -q origin main");
      Event kept = pit.next();
      assertThat(refused).hasSize(3).containsOnly(kept.delivery());
      await().untilAsserted(() -> assertThat(pit.spooled()).isEmpty());
    }
  }

  @Test
  void aRepositoryThatVanishesAndComesBackIsWatchedAgain() throws Exception {
    try (var _ = watch(pit.events::add, SOON)) {
      pit.commit();
      pit.sh("git push -q origin main");
      pit.next();
      pit.sh("mv ../app.git ../away && sleep 0.3 && git init -q --bare -b main ../app.git");
      Hook.install(pit.bare);
      pit.sh("git push -q origin main");
      assertThat(pit.nextPush().before()).isEmpty();
      pit.sh("rm -rf ../app.git && sleep 0.3 && mv ../away ../app.git");
      CommitId commit = pit.commit();
      pit.sh("git push -q origin main");
      assertThat(pit.nextPush().commit()).isEqualTo(commit);
    }
  }

  @Test
  void whatIsNoPushIsPutAsideAndHoldsNothingUp() throws Exception {
    CommitId commit = pit.commit();
    pit.sh("git push -q origin main");
    Path spool = pit.bare.resolve(Hook.SPOOL);
    Files.delete(pit.spooled().getFirst());
    String good = "0".repeat(40) + " " + commit + " refs/heads/main\n";
    Files.write(spool.resolve("1-rubbish"), new byte[] {0, (byte) 0xff, '\n', 'x'});
    Files.writeString(spool.resolve("2-mixed"), good + "what\n");
    Files.createDirectory(spool.resolve("3-folder"));
    Files.createSymbolicLink(spool.resolve("4-link"), Path.of("5-good"));
    Files.writeString(spool.resolve("5-good"), good);
    Files.writeString(spool.resolve(".new-6"), good);
    try (var _ = watch(pit.events::add, NEVER)) {
      assertThat(pit.next().delivery()).isEqualTo("2-mixed-1");
      assertThat(pit.next().delivery()).isEqualTo("5-good-1");
      await()
          .untilAsserted(() ->
              assertThat(pit.spooled())
                  .extracting(p -> p.getFileName().toString())
                  .containsExactly(
                      ".new-6", "1-rubbish.bad", "2-mixed.bad", "3-folder.bad", "4-link.bad"));
    }
  }

  @Test
  void aRepositoryThatIsForgottenBringsNothingMore() throws Exception {
    try (var watcher = watch(pit.events::add, SOON)) {
      watcher.forget("repo_1");
      pit.commit();
      pit.sh("git push -q origin main && sleep 0.4");
      assertThat(pit.events).isEmpty();
      assertThat(pit.spooled()).hasSize(1);
    }
  }
}
