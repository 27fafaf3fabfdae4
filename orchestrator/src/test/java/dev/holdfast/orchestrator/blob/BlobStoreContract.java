package dev.holdfast.orchestrator.blob;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.digest.Sha256;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What every store of blobs does. */
abstract class BlobStoreContract {
  static final Duration HOUR = Duration.ofHours(1);

  abstract BlobStore store() throws IOException;

  /** The same bytes, opened by a server that starts anew. */
  abstract BlobStore again() throws IOException;

  /** Lets time pass by the store's clock. */
  abstract void pass(Duration time);

  /** Changes a byte of a blob where it is kept. */
  abstract void damage(Digest digest) throws IOException;

  static Digest digest(byte[] bytes) {
    return new Digest("sha256:" + HexFormat.of().formatHex(Sha256.of(bytes)));
  }

  static Digest put(BlobStore store, String upload, byte[] bytes) throws Exception {
    store.append(upload, 0, bytes);
    Digest digest = digest(bytes);
    store.seal(upload, digest, bytes.length).close();
    return digest;
  }

  static byte[] read(BlobStore store, Digest digest) throws Exception {
    try (BlobStore.Reading reading = store.open(digest).orElseThrow()) {
      return reading.from(0).readAllBytes();
    }
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  @Test
  void whatWasSealedIsReadFromAnyPlace() throws Exception {
    BlobStore store = store();
    byte[] bytes = random(300_000);
    assertThat(store.append("a-cache-0", 0, java.util.Arrays.copyOf(bytes, 100_000)))
        .isEqualTo(100_000);
    assertThat(
            store.append("a-cache-0", 50_000, java.util.Arrays.copyOfRange(bytes, 50_000, 300_000)))
        .as("what is there already is passed over")
        .isEqualTo(300_000);
    Digest digest = digest(bytes);
    assertThat(store.open(digest)).isEmpty();
    store.seal("a-cache-0", digest, bytes.length).close();
    assertThat(store.length("a-cache-0")).isZero();
    try (BlobStore.Reading reading = store.open(digest).orElseThrow()) {
      assertThat(reading.size()).isEqualTo(300_000);
      assertThat(reading.from(299_990).readAllBytes())
          .isEqualTo(java.util.Arrays.copyOfRange(bytes, 299_990, 300_000));
      assertThat(reading.from(0).readAllBytes()).isEqualTo(bytes);
    }
  }

  @Test
  void whatIsNotWhatItIsSaidToBe_isNotKept() throws Exception {
    BlobStore store = store();
    Digest other = digest("other".getBytes(UTF_8));
    store.append("u", 0, "bytes".getBytes(UTF_8));
    assertThatThrownBy(() -> store.seal("u", other, 5)).isInstanceOf(BlobStore.Mismatch.class);
    assertThat(store.open(other)).isEmpty();
    assertThat(store.length("u")).as("it is gone").isZero();
    store.append("u", 0, "bytes".getBytes(UTF_8));
    Digest right = digest("bytes".getBytes(UTF_8));
    assertThatThrownBy(() -> store.seal("u", right, 6)).isInstanceOf(BlobStore.Mismatch.class);
    assertThatThrownBy(() -> store.seal("none", right, 5)).isInstanceOf(BlobStore.Mismatch.class);
    assertThatThrownBy(() -> store.append("v", 1, new byte[1])).isInstanceOf(BlobStore.Gap.class);
    for (String hostile : new String[] {"../x", "a/b", "", ".", "x".repeat(200), "a\0b"}) {
      assertThatThrownBy(() -> store.append(hostile, 0, new byte[1]))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void bytesThatWereChanged_areGivenToNobody() throws Exception {
    BlobStore store = store();
    Digest digest = put(store, "u", "bytes".getBytes(UTF_8));
    assertThat(read(store, digest)).asString(UTF_8).isEqualTo("bytes");
    damage(digest);
    assertThatThrownBy(() -> store.open(digest)).isInstanceOf(BlobStore.Damaged.class);
    assertThat(store.open(digest)).as("it is put aside").isEmpty();
    put(store, "u", "bytes".getBytes(UTF_8));
    assertThat(read(store, digest)).asString(UTF_8).isEqualTo("bytes");
  }

  @Test
  void whatNobodyNeedsGoes_butNotFromUnderAReader_norBeforeItsRow() throws Exception {
    BlobStore store = store();
    byte[] bytes = random(1_000_000);
    Digest digest = put(store, "u", bytes);
    Digest needed = put(store, "v", "needed".getBytes(UTF_8));
    assertThat(store.sweep(needed::equals, HOUR)).as("it is young").isZero();
    pass(HOUR.plusSeconds(1));
    store.append("w", 0, bytes);
    try (BlobStore.Pin pin = store.seal("w", digest, bytes.length)) {
      assertThat(pin).isNotNull();
      pass(HOUR.plusSeconds(1));
      assertThat(store.sweep(needed::equals, HOUR)).as("it is pinned").isZero();
    }
    try (BlobStore.Reading reading = store.open(digest).orElseThrow()) {
      assertThat(store.sweep(needed::equals, HOUR)).isEqualTo(1);
      assertThat(store.open(digest)).isEmpty();
      assertThat(reading.from(0).readAllBytes()).isEqualTo(bytes);
    }
    assertThat(read(store, needed)).asString(UTF_8).isEqualTo("needed");
  }

  private static boolean keeps(BlobStore store, String upload, byte[] bytes, Set<Digest> needed)
      throws Exception {
    Digest digest = digest(bytes);
    store.append(upload, 0, bytes);
    try (var pin = store.seal(upload, digest, bytes.length)) {
      assertThat(pin).isNotNull();
      needed.add(digest);
      return true;
    } catch (BlobStore.Mismatch e) {
      return false;
    }
  }

  /** Readers, writers and sweeps at once: nobody ever reads anything but what was kept. */
  @Test
  void sweepsBetweenWritersAndReaders_loseNothingThatIsNeeded() throws Exception {
    BlobStore store = store();
    var end = new AtomicBoolean();
    var needed = java.util.concurrent.ConcurrentHashMap.<Digest>newKeySet();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> sweeping =
          threads.submit(() -> {
            while (!end.get()) {
              store.sweep(needed::contains, Duration.ofSeconds(-1));
            }
            return null;
          });
      var writing = new ArrayList<Future<?>>();
      for (int writer = 0; writer < 4; writer++) {
        int own = writer;
        writing.add(
            threads.submit(() -> {
              for (int i = 0; i < 50; i++) {
                // Two of them write the same bytes.
                byte[] bytes = ("blob " + (own / 2) + " " + i).getBytes(UTF_8);
                Digest digest = digest(bytes);
                // A sweep that spares nothing takes uploads too: then they are sent again.
                boolean kept = false;
                while (!kept) {
                  kept = keeps(store, "u" + own, bytes, needed);
                }
                assertThat(read(store, digest)).isEqualTo(bytes);
              }
              return null;
            }));
      }
      try {
        for (Future<?> one : writing) {
          one.get();
        }
      } finally {
        end.set(true);
      }
      sweeping.get();
    }
    for (Digest digest : needed) {
      assertThat(store.open(digest).map(reading -> true)).isEqualTo(Optional.of(true));
    }
  }

  @Test
  void anUploadGoesOnAfterAStart_andIsForgottenWhereNothingComes() throws Exception {
    BlobStore store = store();
    store.append("u", 0, "hal".getBytes(UTF_8));
    BlobStore next = again();
    assertThat(next.length("u")).isEqualTo(3);
    next.append("u", 3, "ves".getBytes(UTF_8));
    Digest digest = digest("halves".getBytes(UTF_8));
    next.seal("u", digest, 6).close();
    assertThat(read(next, digest)).asString(UTF_8).isEqualTo("halves");
    next.append("left", 0, new byte[10]);
    next.sweep(any -> true, Duration.ofSeconds(-1));
    assertThat(next.length("left")).isZero();
    next.append("left", 0, new byte[10]);
    next.discard("left");
    assertThat(next.length("left")).isZero();
  }
}
