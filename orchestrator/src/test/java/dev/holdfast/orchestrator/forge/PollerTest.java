package dev.holdfast.orchestrator.forge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PollerTest {
  @TempDir Path folder;

  /** With an hour between looks, so that none but the one that is asked for comes. */
  @Test
  void whoSaysThatThereIsNewsIsNotKeptWaiting() throws Exception {
    var pit = new Sandpit(folder);
    BlockingQueue<Poller.Snapshot> kept = new LinkedBlockingQueue<>();
    var seen =
        new Poller.Seen() {
          private volatile Optional<Poller.Snapshot> last = Optional.empty();

          @Override
          public Optional<Poller.Snapshot> last(String id) {
            return last;
          }

          @Override
          public void keep(String id, Poller.Snapshot snapshot) {
            last = Optional.of(snapshot);
            kept.add(snapshot);
          }
        };
    pit.commit();
    pit.sh("git push -q origin main");
    try (var poller =
        new Poller(
            pit.git,
            new PlainGit(pit.git, folder.resolve("mirror")),
            pit.events::add,
            seen,
            Duration.ofHours(1),
            InstantSource.system())) {
      poller.watch(pit.remote());
      assertThat(kept.poll(30, TimeUnit.SECONDS)).isNotNull();
      var second = pit.commit();
      pit.sh("git push -q origin main");
      poller.look("nobody watches this one");
      poller.look(pit.remote().id());
      poller.look(pit.remote().id());
      assertThat(pit.nextPush().commit()).isEqualTo(second);
    }
    assertThat(pit.events).as("once").isEmpty();
  }
}
