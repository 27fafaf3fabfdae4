package dev.holdfast.agent.sandbox.microvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who waits, how many, and until when; by a maker that counts instead of making machines. */
class WarmPoolTest {
  private static final Instant NOW = Instant.parse("2026-11-28T03:00:00Z");

  private static final class Counting implements WarmPool.Maker<String, String> {
    private final List<String> made = new ArrayList<>();
    private final List<String> ended = new ArrayList<>();
    private final Set<String> dead = new HashSet<>();
    private boolean fails;
    private long free = 1000;

    @Override
    public Optional<String> make(String kind) {
      if (fails) {
        return Optional.empty();
      }
      made.add(kind + made.size());
      return Optional.of(made.getLast());
    }

    @Override
    public boolean lives(String waiting) {
      return !dead.contains(waiting);
    }

    @Override
    public void end(String waiting) {
      ended.add(waiting);
    }

    @Override
    public long memory(String kind) {
      return kind.startsWith("big") ? 60 : 10;
    }

    @Override
    public long free() {
      return free;
    }
  }

  private final Counting maker = new Counting();

  private static void settle(WarmPool<String, String> pool, Instant now) throws Exception {
    int steps = 0;
    while (pool.step(now)) {
      assertThat(++steps).as("it comes to rest").isLessThan(100);
    }
  }

  @Test
  void nobodyWaitsBeforeAJobHasCome() throws Exception {
    var pool = new WarmPool<>(3, 100, maker);
    settle(pool, NOW);
    assertThat(maker.made).isEmpty();
    assertThat(pool.take("a")).isEmpty();
  }

  @Test
  void aTakenOneIsReplaced_andNobodyElses() throws Exception {
    var pool = new WarmPool<>(2, 100, maker);
    pool.wanted("a", NOW);
    settle(pool, NOW);
    assertThat(pool.waiting()).isEqualTo(2);
    assertThat(pool.take("b")).isEmpty();
    assertThat(pool.take("a")).contains("a0");
    assertThat(pool.take("a")).contains("a1");
    assertThat(pool.take("a")).isEmpty();
    settle(pool, NOW);
    assertThat(pool.take("a")).contains("a2");
    assertThat(maker.ended).isEmpty();
  }

  @Test
  void oneThatHasEnded_isNotGivenAwayAndIsReplaced() throws Exception {
    var pool = new WarmPool<>(1, 100, maker);
    pool.wanted("a", NOW);
    settle(pool, NOW);
    maker.dead.add("a0");
    assertThat(pool.take("a")).isEmpty();
    settle(pool, NOW);
    assertThat(maker.ended).containsExactly("a0");
    assertThat(pool.take("a")).contains("a1");
  }

  @Test
  void agedOnes_areReplaced() throws Exception {
    var pool = new WarmPool<>(1, 100, maker);
    pool.wanted("a", NOW);
    settle(pool, NOW);
    settle(pool, NOW.plus(WarmPool.AGED));
    assertThat(maker.ended).isEmpty();
    settle(pool, NOW.plus(WarmPool.AGED).plusSeconds(1));
    assertThat(maker.ended).containsExactly("a0");
    assertThat(pool.take("a")).contains("a1");
  }

  @Test
  void aKindThatNobodyWants_goes() throws Exception {
    var pool = new WarmPool<>(2, 100, maker);
    pool.wanted("a", NOW);
    settle(pool, NOW);
    settle(pool, NOW.plus(WarmPool.FORGOTTEN).plusSeconds(1));
    assertThat(pool.waiting()).isZero();
    assertThat(maker.ended).containsExactlyInAnyOrder("a0", "a1");
  }

  @Test
  void memory_isForThoseThatWereWantedLast() throws Exception {
    var pool = new WarmPool<>(3, 100, maker);
    pool.wanted("a", NOW);
    pool.wanted("b", NOW);
    pool.wanted("c", NOW);
    settle(pool, NOW);
    assertThat(pool.waiting()).as("9 of 10 each").isEqualTo(9);
    pool.wanted("big", NOW.plusSeconds(1));
    settle(pool, NOW.plusSeconds(1));
    assertThat(pool.take("big")).isPresent();
    assertThat(pool.take("big")).as("two of 60 are too many").isEmpty();
    // 60 of 100 are the big one's: three of the next kind, and one of the one after.
    assertThat(maker.ended).hasSize(5).allMatch(e -> e.startsWith("a") || e.startsWith("b"));
  }

  @Test
  void aHostThatIsShortOfMemory_getsNoMore() throws Exception {
    maker.free = 20;
    var pool = new WarmPool<>(1, 100, maker);
    pool.wanted("a", NOW);
    settle(pool, NOW);
    assertThat(maker.made).isEmpty();
    maker.free = 21;
    settle(pool, NOW);
    assertThat(maker.made).containsExactly("a0");
  }

  @Test
  void whatCannotBeMade_isNotTriedAgainAtOnce() throws Exception {
    maker.fails = true;
    var pool = new WarmPool<>(1, 100, maker);
    pool.wanted("a", NOW);
    settle(pool, NOW);
    maker.fails = false;
    settle(pool, NOW.plus(WarmPool.RESTS).minusSeconds(1));
    assertThat(maker.made).isEmpty();
    settle(pool, NOW.plus(WarmPool.RESTS));
    assertThat(maker.made).containsExactly("a0");
  }

  @Test
  void close_endsAllThatWait_andWhatIsMadeMeanwhile() throws Exception {
    var pool = new WarmPool<>(2, 100, maker);
    pool.wanted("a", NOW);
    settle(pool, NOW);
    pool.close();
    assertThat(maker.ended).containsExactlyInAnyOrder("a0", "a1");
    settle(pool, NOW);
    assertThat(maker.made).hasSize(2);
    assertThat(pool.take("a")).isEmpty();
  }

  @Test
  void oneThatIsDoneAfterTheClose_isEnded() throws Exception {
    var closing =
        new Object() {
          private WarmPool<String, String> pool = new WarmPool<>(0, 0, maker);
        };
    var pool =
        new WarmPool<>(
            1,
            100,
            new WarmPool.Maker<String, String>() {
              @Override
              public Optional<String> make(String kind) throws InterruptedException {
                closing.pool.close();
                return Optional.of("late");
              }

              @Override
              public boolean lives(String waiting) {
                return true;
              }

              @Override
              public void end(String waiting) {
                maker.end(waiting);
              }

              @Override
              public long memory(String kind) {
                return 1;
              }

              @Override
              public long free() {
                return 1000;
              }
            });
    closing.pool = pool;
    pool.wanted("a", NOW);
    settle(pool, NOW);
    assertThat(maker.ended).containsExactly("late");
  }
}
