package dev.holdfast.model.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.audit.Finding.Kind;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VerificationTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final KeyPair KEY = key();
  private static final int MANY = 12;

  private static KeyPair key() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Entry entry(long number, String actor) {
    return new Entry(
        number, NOW, actor, "hold.approve", "hold_1", Optional.of("::1"), "DONE", List.of("x"));
  }

  private static List<Kept> log(int count) {
    return chained(1, Entry.NOTHING, count, "ann");
  }

  private static List<Kept> chained(long from, String previous, int count, String actor) {
    var all = new ArrayList<Kept>();
    String before = previous;
    for (long number = from; number < from + count; number++) {
      Entry entry = entry(number, actor);
      before = entry.hash(before);
      all.add(new Kept(entry, before));
    }
    return all;
  }

  private static Checkpoint vouch(List<Kept> log, int number) {
    return Checkpoint.of(number, log.get(number - 1).hash(), NOW, KEY.getPrivate());
  }

  private static List<Finding> found(List<Kept> log, Checkpoint... checkpoints) {
    var verification = new Verification(KEY.getPublic(), List.of(checkpoints));
    log.forEach(verification::next);
    return verification.end().findings();
  }

  @Test
  void whatNobodyTouchedIsGood() {
    List<Kept> log = log(MANY);
    assertThat(found(log, vouch(log, 4), vouch(log, MANY))).isEmpty();
    assertThat(found(List.of())).isEmpty();
  }

  @Test
  void whatIsNotVouchedForYetIsGoodToo() {
    List<Kept> log = log(MANY);
    assertThat(found(log, vouch(log, 4))).isEmpty();
  }

  @Test
  void aChangedEntryIsLocated() {
    for (int at = 0; at < MANY; at++) {
      List<Kept> log = log(MANY);
      Checkpoint vouched = vouch(log, MANY);
      log.set(at, new Kept(entry(at + 1, "eve"), log.get(at).hash()));
      assertThat(found(log, vouched)).containsExactly(new Finding(Kind.CHANGED, at + 1, at + 1));
    }
  }

  @Test
  void aChangedHashIsLocated() {
    for (int at = 0; at < MANY - 1; at++) {
      List<Kept> log = log(MANY);
      Checkpoint vouched = vouch(log, MANY);
      log.set(at, new Kept(log.get(at).entry(), "f".repeat(64)));
      assertThat(found(log, vouched))
          .containsExactly(new Finding(Kind.HASH_CHANGED, at + 1, at + 1));
    }
  }

  @Test
  void aDroppedEntryIsLocated() {
    for (int at = 0; at < MANY - 1; at++) {
      List<Kept> log = log(MANY);
      Checkpoint vouched = vouch(log, MANY);
      log.remove(at);
      assertThat(found(log, vouched)).containsExactly(new Finding(Kind.MISSING, at + 1, at + 1));
    }
  }

  @Test
  void swappedEntriesAreLocated() {
    List<Kept> log = log(MANY);
    Checkpoint vouched = vouch(log, MANY);
    Collections.swap(log, 3, 7);
    assertThat(found(log, vouched))
        .containsExactly(
            new Finding(Kind.MISSING, 4, 7),
            new Finding(Kind.OUT_OF_ORDER, 5, 5),
            new Finding(Kind.OUT_OF_ORDER, 6, 6),
            new Finding(Kind.OUT_OF_ORDER, 7, 7),
            new Finding(Kind.OUT_OF_ORDER, 4, 4));
  }

  @Test
  void aCutIsFoundByACheckpointOfLater() {
    List<Kept> log = log(MANY);
    assertThat(found(log.subList(0, 5), vouch(log, 4), vouch(log, MANY)))
        .containsExactly(new Finding(Kind.CUT, 6, MANY));
  }

  @Test
  void aLogThatWasMadeAnewIsFoundByWhatWasVouchedFor() {
    List<Kept> log = log(MANY);
    Checkpoint early = vouch(log, 4);
    Checkpoint late = vouch(log, MANY);
    var anew = new ArrayList<>(log.subList(0, 6));
    anew.addAll(chained(7, log.get(5).hash(), MANY - 6, "eve"));
    assertThat(found(anew, early, late)).containsExactly(new Finding(Kind.REWRITTEN, 5, MANY));
  }

  @Test
  void aCheckpointByAnotherKeyCountsForNothing() {
    List<Kept> log = log(MANY);
    Checkpoint forged = Checkpoint.of(MANY, log.getLast().hash(), NOW, key().getPrivate());
    assertThat(found(log, forged))
        .containsExactly(
            new Finding(Kind.FORGED_CHECKPOINT, MANY, MANY),
            new Finding(Kind.NOTHING_VOUCHES, 1, MANY));
    Checkpoint good = vouch(log, MANY);
    assertThat(
            new Checkpoint(good.number(), "0".repeat(64), NOW, good.signature())
                .by(KEY.getPublic()))
        .isFalse();
    assertThat(good.by(KEY.getPublic())).as("control").isTrue();
  }

  @Test
  void withoutAnyCheckpointNothingIsVouchedFor() {
    assertThat(found(log(MANY))).containsExactly(new Finding(Kind.NOTHING_VOUCHES, 1, MANY));
  }

  @Test
  void twoEntriesThatDifferInWhereAFieldEndsHaveDifferentHashes() {
    Entry one = new Entry(1, NOW, "ab", "c", "d", Optional.empty(), "DONE", List.of("x", "y"));
    Entry other = new Entry(1, NOW, "a", "bc", "d", Optional.empty(), "DONE", List.of("x", "y"));
    Entry joined = new Entry(1, NOW, "ab", "c", "d", Optional.empty(), "DONE", List.of("xy"));
    Entry from = new Entry(1, NOW, "ab", "c", "d", Optional.of(""), "DONE", List.of("x", "y"));
    assertThat(List.of(one, other, joined, from))
        .extracting(e -> e.hash(Entry.NOTHING))
        .doesNotHaveDuplicates();
  }
}
