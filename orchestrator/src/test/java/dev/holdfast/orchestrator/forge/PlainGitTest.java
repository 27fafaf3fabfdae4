package dev.holdfast.orchestrator.forge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.trigger.ChangedFiles;
import dev.holdfast.orchestrator.definition.DefinitionReader;
import dev.holdfast.orchestrator.definition.Definitions;
import dev.holdfast.orchestrator.repository.Repository;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlainGitTest {
  @TempDir Path folder;

  @Test
  void bothKindsOfRepositoryAnswerAlike() throws Exception {
    var pit = new Sandpit(folder);
    var forge = new PlainGit(pit.git, folder.resolve("mirror"));
    CommitId first = pit.write(".holdfast/ci.yaml", "on: push\n").write("a", "1").commit();
    pit.sh("ln -s ci.yaml .holdfast/link.yaml; mkdir .holdfast/sub; echo x > .holdfast/sub/x.yaml");
    CommitId second = pit.write("a", "2").commit();
    pit.sh("git tag -a -m x v1 && git push -q origin main v1");
    for (Repository repository : List.of(pit.onDisk(), pit.remote())) {
      var files = forge.definitionFiles(repository, second).files();
      assertThat(forge.message(repository, second)).contains("x\n");
      assertThat(files.keySet()).containsExactly("ci.yaml");
      assertThat(files.get("ci.yaml")).asString().isEqualTo("on: push\n");
      var main = new RefName("main");
      assertThat(
              forge.changedFiles(
                  repository, new Happening.Push(main, second, Optional.of(first), false)))
          .isEqualTo(
              new ChangedFiles.Known(List.of(".holdfast/link.yaml", ".holdfast/sub/x.yaml", "a")));
      assertThat(
              forge.changedFiles(
                  repository, new Happening.Push(main, second, Optional.empty(), false)))
          .isInstanceOf(ChangedFiles.Unknown.class);
      var gone = Optional.of(new CommitId("1".repeat(40)));
      assertThat(forge.changedFiles(repository, new Happening.Push(main, second, gone, true)))
          .isInstanceOf(ChangedFiles.Unknown.class);
      assertThat(forge.resolve(repository, main)).contains(second);
      assertThat(forge.resolve(repository, new RefName("v1"))).contains(second);
      assertThat(forge.resolve(repository, new RefName("--upload-pack=x"))).isEmpty();
      assertThat(forge.defaultBranch(repository)).isEqualTo(main);
    }
  }

  @Test
  void aFolderThatIsTooLargeIsAnErrorOfItsAuthor() throws Exception {
    var pit = new Sandpit(folder);
    var forge = new PlainGit(pit.git, folder.resolve("mirror"));
    pit.sh("mkdir .holdfast; head -c 9000000 /dev/zero > .holdfast/big");
    CommitId big = pit.commit();
    pit.sh("rm .holdfast/big; for i in $(seq 3000); do echo > .holdfast/file-$i.txt; done");
    CommitId many = pit.commit();
    pit.sh("git push -q origin main");
    for (CommitId commit : List.of(big, many)) {
      var read = DefinitionReader.read(forge.definitionFiles(pit.onDisk(), commit));
      assertThat(((Definitions.Invalid) read).errors())
          .singleElement()
          .asString()
          .startsWith(".holdfast: cannot read .holdfast of ")
          .endsWith("; keep only workflows there");
    }
  }

  @Test
  void whatIsNotThereIsUnavailableInOneLine() throws Exception {
    var pit = new Sandpit(folder);
    var forge = new PlainGit(pit.git, folder.resolve("mirror"));
    CommitId commit = pit.commit();
    pit.sh("git push -q origin main && mv ../app.git ../away");
    for (Repository repository : List.of(pit.onDisk(), pit.remote())) {
      assertThatThrownBy(() -> forge.definitionFiles(repository, commit))
          .isInstanceOf(ForgeUnavailable.class)
          .message()
          .startsWith("repository " + repository.name() + ": ")
          .hasLineCount(1);
    }
    var hostile =
        new Repository(
            "repo_3", pit.onDisk().name(), new Repository.Location.Remote(URI.create("ext::sh")));
    assertThatThrownBy(() -> forge.resolve(hostile, new RefName("main")))
        .isInstanceOf(ForgeUnavailable.class);
  }

  @Test
  void aPollFindsWhatChangedAndTheFirstOnlyRemembers() throws Exception {
    var pit = new Sandpit(folder);
    var forge = new PlainGit(pit.git, folder.resolve("mirror"));
    var kept = new java.util.HashMap<String, Poller.Snapshot>();
    var seen =
        new Poller.Seen() {
          @Override
          public Optional<Poller.Snapshot> last(String id) {
            return Optional.ofNullable(kept.get(id));
          }

          @Override
          public void keep(String id, Poller.Snapshot snapshot) {
            kept.put(id, snapshot);
          }
        };
    var broken = new java.util.concurrent.atomic.AtomicBoolean();
    Intake intake =
        event -> {
          pit.events.add(event);
          if (broken.get()) {
            throw new java.io.IOException("no");
          }
        };
    try (var poller =
        new Poller(
            pit.git,
            forge,
            intake,
            seen,
            java.time.Duration.ofMillis(50),
            java.time.InstantSource.system())) {
      CommitId first = pit.commit();
      pit.sh("git push -q origin main");
      poller.poll(pit.remote());
      poller.poll(pit.remote());
      assertThat(pit.events).isEmpty();
      assertThat(kept)
          .containsEntry("repo_2", new Poller.Snapshot(1, Map.of("refs/heads/main", first)));

      CommitId second = pit.commit();
      pit.sh("git tag -a -m x v1 && git push -q origin main v1");
      broken.set(true);
      assertThatThrownBy(() -> poller.poll(pit.remote())).hasMessage("no");
      String delivery = pit.next().delivery();
      broken.set(false);
      poller.poll(pit.remote());
      var again = pit.next();
      assertThat(again.delivery()).isEqualTo(delivery).startsWith("poll-1-");
      assertThat(again.happening())
          .isEqualTo(new Happening.Push(new RefName("main"), second, Optional.of(first), false));
      assertThat(pit.next().happening()).isEqualTo(new Happening.Tag(new RefName("v1"), second));

      pit.sh(
          "git reset -q --hard HEAD~1 && git commit -q --allow-empty -m other && git push -q -f origin main :v1");
      poller.watch(pit.remote());
      assertThat(pit.nextPush().forced()).isTrue();
      CommitId third = pit.commit();
      pit.sh("git push -q origin main");
      assertThat(pit.nextPush().commit()).isEqualTo(third);
      assertThat(forge.definitionFiles(pit.remote(), third).files()).isEmpty();
      assertThat(pit.events).isEmpty();
    }
  }
}
