package dev.holdfast.orchestrator.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileLogStoreTest {
  private static final String ATTEMPT = "att_1";

  @TempDir Path folder;

  private FileLogStore open() throws IOException {
    return new FileLogStore(folder, InstantSource.system());
  }

  private Path file() {
    return folder.resolve("_1").resolve("att_1.log");
  }

  private static byte[] read(LogStore store, long offset, long most) throws IOException {
    var out = new ByteArrayOutputStream();
    store.read(ATTEMPT, offset, most, out);
    return out.toByteArray();
  }

  /** Text that compresses about as build logs do. */
  private static byte[] text(int length, long seed) {
    var random = new Random(seed);
    var out = new StringBuilder();
    while (out.length() < length) {
      out.append("[INFO] Compiling module ")
          .append(random.nextInt(1000))
          .append(" of the project into target/classes ")
          .append(Long.toHexString(random.nextLong()))
          .append('\n');
    }
    return out.substring(0, length).getBytes(UTF_8);
  }

  @Test
  void whatIsAppendedIsReadBackAlsoAfterAStart() throws Exception {
    byte[] bytes = text(1_000_000, 1);
    try (var store = open()) {
      assertThat(store.length(ATTEMPT)).isZero();
      assertThat(read(store, 0, 10)).isEmpty();
      assertThat(store.append(ATTEMPT, 0, Arrays.copyOf(bytes, 10))).isEqualTo(10);
      assertThat(store.append(ATTEMPT, 10, Arrays.copyOfRange(bytes, 10, 1_000_000)))
          .isEqualTo(1_000_000);
      assertThat(read(store, 0, Long.MAX_VALUE)).isEqualTo(bytes);
    }
    try (var store = open()) {
      assertThat(store.length(ATTEMPT)).isEqualTo(1_000_000);
      assertThat(read(store, 0, Long.MAX_VALUE)).isEqualTo(bytes);
      var random = new Random(2);
      for (int i = 0; i < 200; i++) {
        int from = random.nextInt(1_000_000);
        int most = random.nextInt(600_000);
        assertThat(read(store, from, most))
            .isEqualTo(Arrays.copyOfRange(bytes, from, Math.min(1_000_000, from + most)));
      }
      assertThat(read(store, 1_000_000, 1)).isEmpty();
      assertThat(read(store, 2_000_000, 1)).isEmpty();
    }
  }

  @Test
  void bytesThatAreThereArePassedOverAndHolesAreRefused() throws Exception {
    byte[] bytes = text(1000, 1);
    try (var store = open()) {
      store.append(ATTEMPT, 0, Arrays.copyOf(bytes, 600));
      assertThat(store.append(ATTEMPT, 0, Arrays.copyOf(bytes, 600))).isEqualTo(600);
      assertThat(store.append(ATTEMPT, 100, Arrays.copyOfRange(bytes, 100, 200))).isEqualTo(600);
      assertThat(store.append(ATTEMPT, 500, Arrays.copyOfRange(bytes, 500, 1000))).isEqualTo(1000);
      assertThat(read(store, 0, 5000)).isEqualTo(bytes);
      assertThatThrownBy(() -> store.append(ATTEMPT, 1001, bytes))
          .isInstanceOf(LogStore.Gap.class)
          .extracting("length")
          .isEqualTo(1000L);
    }
  }

  @Test
  void aFinishedLogTakesNoMoreAndStaysFinished() throws Exception {
    byte[] bytes = text(1000, 1);
    try (var store = open()) {
      store.append(ATTEMPT, 0, bytes);
      store.finish(ATTEMPT);
      store.finish(ATTEMPT);
      assertThat(store.append(ATTEMPT, 0, bytes)).isEqualTo(1000);
      assertThatThrownBy(() -> store.append(ATTEMPT, 1000, bytes))
          .isInstanceOf(LogStore.Gap.class)
          .hasMessageContaining("finished");
    }
    try (var store = open()) {
      assertThat(store.await(ATTEMPT, 1000, Duration.ZERO)).isTrue();
      assertThat(store.await(ATTEMPT, 999, Duration.ZERO)).isFalse();
      assertThat(read(store, 0, 5000)).isEqualTo(bytes);
      store.finish("att_2");
      assertThat(store.await("att_2", 0, Duration.ZERO)).isTrue();
    }
  }

  @Test
  void aTailCutAtAnyByteLosesNothingThatWasAcknowledged() throws Exception {
    byte[] bytes = text(900, 1);
    long acknowledged;
    try (var store = open()) {
      store.append(ATTEMPT, 0, Arrays.copyOf(bytes, 300));
      acknowledged = Files.size(file());
      store.append(ATTEMPT, 300, Arrays.copyOfRange(bytes, 300, 900));
      store.finish(ATTEMPT);
    }
    byte[] whole = Files.readAllBytes(file());
    for (int cut = 0; cut <= whole.length; cut++) {
      Files.write(file(), Arrays.copyOf(whole, cut));
      try (var store = open()) {
        int kept = (int) store.length(ATTEMPT);
        assertThat(kept).isGreaterThanOrEqualTo(cut >= acknowledged ? 300 : 0);
        assertThat(read(store, 0, 5000)).isEqualTo(Arrays.copyOf(bytes, kept));
        assertThat(store.append(ATTEMPT, kept, Arrays.copyOfRange(bytes, kept, 900)))
            .isEqualTo(900);
        assertThat(read(store, 0, 5000)).isEqualTo(bytes);
      }
    }
  }

  @Test
  void aTailOfZerosOrRubbishIsCutOff() throws Exception {
    byte[] bytes = text(300, 1);
    try (var store = open()) {
      store.append(ATTEMPT, 0, bytes);
    }
    byte[] whole = Files.readAllBytes(file());
    var random = new Random(3);
    for (int round = 0; round < 50; round++) {
      byte[] tail = new byte[random.nextInt(5000)];
      if (round % 2 == 0) {
        random.nextBytes(tail);
      }
      Files.write(file(), whole);
      Files.write(file(), tail, StandardOpenOption.APPEND);
      try (var store = open()) {
        assertThat(store.length(ATTEMPT)).isEqualTo(300);
        assertThat(read(store, 0, 5000)).isEqualTo(bytes);
      }
      assertThat(Files.size(file())).isEqualTo(whole.length);
    }
  }

  @Test
  void damageInAFinishedLogIsSaidAndNothingIsCutOff() throws Exception {
    try (var store = open()) {
      store.append(ATTEMPT, 0, text(300, 1));
      store.append(ATTEMPT, 300, text(300, 2));
      store.finish(ATTEMPT);
    }
    byte[] whole = Files.readAllBytes(file());
    for (int at : new int[] {3, Frame.HEADER + 5}) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 0x40;
      Files.write(file(), damaged);
      try (var store = open()) {
        assertThatThrownBy(() -> read(store, 0, 10))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("the log of att_1 is damaged at byte 0 of ");
      }
      assertThat(Files.readAllBytes(file())).isEqualTo(damaged);
    }
  }

  @Test
  void followersSeeExactlyTheBytes() throws Exception {
    byte[] bytes = text(3_000_000, 4);
    try (var store = open();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var followers = new ArrayList<Future<byte[]>>();
      for (int i = 0; i < 20; i++) {
        followers.add(threads.submit(() -> follow(store)));
      }
      var random = new Random(5);
      for (int at = 0; at < bytes.length; ) {
        // Each piece goes back a little, as one does that is sent again.
        int from = Math.max(0, at - random.nextInt(500));
        int to = Math.min(bytes.length, at + 1 + random.nextInt(60_000));
        at = (int) store.append(ATTEMPT, from, Arrays.copyOfRange(bytes, from, to));
      }
      store.finish(ATTEMPT);
      for (var follower : followers) {
        assertThat(follower.get()).isEqualTo(bytes);
      }
    }
  }

  private static byte[] follow(LogStore store) throws Exception {
    var out = new ByteArrayOutputStream();
    while (!store.await(ATTEMPT, out.size(), Duration.ofSeconds(30))) {
      store.read(ATTEMPT, out.size(), Long.MAX_VALUE, out);
    }
    return out.toByteArray();
  }

  @Test
  void whoWaitsIsWokenByAnAppendAndByTheEndOfPatience() throws Exception {
    try (var store = open();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      assertThat(store.await(ATTEMPT, 0, Duration.ofMillis(20))).isFalse();
      var waiting = threads.submit(() -> store.await(ATTEMPT, 0, Duration.ofSeconds(60)));
      store.append(ATTEMPT, 0, new byte[1]);
      assertThat(waiting.get()).isFalse();
    }
  }

  @Test
  void closingWakesThoseWhoWaitAndRefusesTheRest() throws Exception {
    var store = open();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      store.append(ATTEMPT, 0, new byte[1]);
      var waiting = threads.submit(() -> store.await(ATTEMPT, 1, Duration.ofSeconds(60)));
      store.close();
      try {
        assertThat(waiting.get()).isFalse();
      } catch (java.util.concurrent.ExecutionException e) {
        // It came too late to wait.
        assertThat(e.getCause()).hasMessage("the log store is closed");
      }
      assertThatThrownBy(() -> store.length(ATTEMPT)).hasMessage("the log store is closed");
    }
  }

  @Test
  void aThreadThatIsInterruptedHarmsNobodyElse() throws Exception {
    byte[] bytes = text(1000, 1);
    try (var store = open()) {
      store.append(ATTEMPT, 0, Arrays.copyOf(bytes, 500));
      var interrupted =
          Thread.ofVirtual()
              .unstarted(() -> {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> read(store, 0, 10)).isInstanceOf(IOException.class);
                assertThatThrownBy(() -> store.append(ATTEMPT, 500, new byte[10]))
                    .isInstanceOf(IOException.class);
              });
      interrupted.start();
      interrupted.join();
      assertThat(store.append(ATTEMPT, 500, Arrays.copyOfRange(bytes, 500, 1000))).isEqualTo(1000);
      assertThat(read(store, 0, 5000)).isEqualTo(bytes);
    }
    try (var store = open()) {
      assertThat(read(store, 0, 5000)).isEqualTo(bytes);
    }
  }

  @Test
  void moreLogsThanMayBeOpenAreAllRight() throws Exception {
    try (var store = new FileLogStore(folder, InstantSource.system(), 4)) {
      for (int round = 0; round < 3; round++) {
        for (int log = 0; log < 20; log++) {
          assertThat(store.append("att_" + log, round * 100L, text(100, log)))
              .isEqualTo(round * 100L + 100);
        }
      }
      for (int log = 0; log < 20; log++) {
        assertThat(store.length("att_" + log)).isEqualTo(300);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "../x", "a/b", "A", "a.b", "att\0", "att 1"})
  void aNameThatIsNoAttemptsIsRefused(String attempt) throws Exception {
    try (var store = open()) {
      assertThatThrownBy(() -> store.append(attempt, 0, new byte[1]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is not the id of an attempt");
    }
  }

  @Test
  void aHundredMegabytesGoInAndOut() throws Exception {
    byte[] piece = text(512 * 1024, 7);
    int pieces = 200;
    try (var store = open()) {
      long began = System.nanoTime();
      for (int i = 0; i < pieces; i++) {
        store.append(ATTEMPT, (long) i * piece.length, piece);
      }
      long appended = System.nanoTime();
      store.finish(ATTEMPT);
      long total = (long) pieces * piece.length;
      assertThat(store.length(ATTEMPT)).isEqualTo(total);
      assertThat(read(store, total - 77, 100))
          .isEqualTo(Arrays.copyOfRange(piece, piece.length - 77, piece.length));
      long reading = System.nanoTime();
      byte[] all = read(store, 0, Long.MAX_VALUE);
      System.out.printf(
          "log store: append %.0f MB/s, read %.0f MB/s, %d bytes on disk%n",
          total * 1000.0 / (appended - began),
          total * 1000.0 / (System.nanoTime() - reading),
          Files.size(file()));
      for (int i = 0; i < pieces; i++) {
        assertThat(
                Arrays.equals(
                    piece, 0, piece.length, all, i * piece.length, (i + 1) * piece.length))
            .isTrue();
      }
    }
  }
}
