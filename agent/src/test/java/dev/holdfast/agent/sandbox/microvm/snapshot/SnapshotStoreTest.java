package dev.holdfast.agent.sandbox.microvm.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.agent.sandbox.microvm.vmm.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept is found as it was, or not at all. */
class SnapshotStoreTest {
  private static final Instant NOW = Instant.parse("2026-11-28T03:00:00Z");

  @TempDir Path data = Path.of("/nowhere");

  private static SnapshotKey key(int memory) {
    return new SnapshotKey("base", "kernel", "qemu 7.2", "cpu", "6.1.0", memory, 1, 64, true);
  }

  private static Snapshot keep(SnapshotStore store, SnapshotKey key, Instant now)
      throws IOException {
    Path making = store.begin();
    Path memory = Files.writeString(making.resolve("memory"), "pages");
    Path state = Files.writeString(making.resolve("state"), "registers");
    return store.keep(key, making, new Snapshot(memory, state), now);
  }

  @Test
  void aKeptOne_isFoundByItsKeyAndNoOther_alsoByTheNextAgent() throws Exception {
    var store = new SnapshotStore(data);
    Snapshot kept = keep(store, key(64), NOW);
    assertThat(store.find(key(64), NOW)).contains(kept);
    assertThat(store.find(key(65), NOW)).isEmpty();
    assertThat(new SnapshotStore(data).find(key(64), NOW)).contains(kept);
    assertThat(kept.state()).hasContent("registers");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept.state())))
        .isEqualTo("r--------");
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("snapshots"))))
        .isEqualTo("rwx------");
  }

  @Test
  void aChangedByte_isNotRestored() throws Exception {
    Snapshot kept = keep(new SnapshotStore(data), key(64), NOW);
    Files.setPosixFilePermissions(kept.memory(), PosixFilePermissions.fromString("rw-------"));
    Files.writeString(kept.memory(), "Pages");
    assertThatThrownBy(() -> new SnapshotStore(data).find(key(64), NOW))
        .isInstanceOf(BadSnapshot.class)
        .hasMessageContaining("is not what was kept");
  }

  @Test
  void oneThatOthersCouldHaveWritten_isNotRestored() throws Exception {
    var store = new SnapshotStore(data);
    Snapshot kept = keep(store, key(64), NOW);
    Files.setPosixFilePermissions(kept.memory(), PosixFilePermissions.fromString("rw-rw----"));
    assertThatThrownBy(() -> store.find(key(64), NOW))
        .isInstanceOf(BadSnapshot.class)
        .hasMessageContaining("is not this agent's alone");
  }

  @Test
  void aLinkInPlaceOfAFile_isNotFollowed() throws Exception {
    var store = new SnapshotStore(data);
    Snapshot kept = keep(store, key(64), NOW);
    Path other = Files.writeString(data.resolve("other"), "pages");
    Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("r--------"));
    Files.delete(kept.memory());
    Files.createSymbolicLink(kept.memory(), other);
    assertThatThrownBy(() -> store.find(key(64), NOW)).isInstanceOf(BadSnapshot.class);
  }

  @Test
  void aMissingFile_andADamagedRecord_areSaid() throws Exception {
    var store = new SnapshotStore(data);
    Snapshot kept = keep(store, key(64), NOW);
    Files.delete(kept.state());
    assertThatThrownBy(() -> store.find(key(64), NOW))
        .isInstanceOf(BadSnapshot.class)
        .hasMessageContaining("a file is gone");
    Files.writeString(kept.state().resolveSibling("record.json"), "{");
    assertThatThrownBy(() -> store.find(key(64), NOW)).isInstanceOf(BadSnapshot.class);
    store.forget(key(64));
    assertThat(store.find(key(64), NOW)).isEmpty();
  }

  @Test
  void whatWasNotMadeToItsEnd_isNoSnapshot_andGoes() throws Exception {
    var store = new SnapshotStore(data);
    Files.writeString(store.begin().resolve("memory"), "half");
    Snapshot kept = keep(store, key(64), NOW);
    store.removeUnfinished();
    try (Stream<Path> left = Files.list(data.resolve("snapshots"))) {
      assertThat(left).containsExactly(kept.memory().getParent());
    }
  }

  @Test
  void onlyTheLastUsedStay() throws Exception {
    var store = new SnapshotStore(data);
    for (int i = 0; i < 4; i++) {
      keep(store, key(64 + i), NOW);
      store.find(key(64 + i), NOW.plusSeconds(i));
    }
    store.find(key(64), NOW.plusSeconds(100));
    store.collect(2);
    assertThat(store.find(key(64), NOW)).isPresent();
    assertThat(store.find(key(65), NOW)).isEmpty();
    assertThat(store.find(key(66), NOW)).isEmpty();
    assertThat(store.find(key(67), NOW)).isPresent();
  }

  @Test
  void aFileFromElsewhere_isNotTaken() throws Exception {
    var store = new SnapshotStore(data);
    Path making = store.begin();
    Path elsewhere = Files.writeString(data.resolve("elsewhere"), "x");
    assertThatThrownBy(() -> store.keep(key(64), making, new Snapshot(elsewhere, elsewhere), NOW))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not in");
  }
}
