package dev.holdfast.agent.keep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreesTest {
  @TempDir private Path root;

  private Trees open(long most) throws Exception {
    return Trees.open(root, "tree", most, InstantSource.system());
  }

  private void tree(String name, int bytes, long used) throws Exception {
    Path inner = Files.createDirectories(root.resolve(name).resolve("objects/pack"));
    Files.write(inner.resolve("p"), new byte[bytes]);
    Files.setLastModifiedTime(
        root.resolve(name), FileTime.from(Instant.parse("2026-01-01T00:00:00Z").plusSeconds(used)));
  }

  private List<String> names() throws Exception {
    try (var listed = Files.list(root)) {
      return listed.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void beyondTheBound_theOldestGo_alsoAfterARestart() throws Exception {
    tree("one", 100, 1);
    tree("two", 100, 2);
    tree("three", 100, 3);
    Trees first = open(300);
    first.use("one").close();
    Trees second = open(250);
    second.trim();
    assertThat(names()).containsExactly("one", "three");
  }

  @Test
  void whatIsInUseStays_andGoesWhenThatIsOver() throws Exception {
    tree("one", 100, 1);
    tree("two", 100, 2);
    Trees trees = open(0);
    Trees.Use use = trees.use("one");
    Trees.Use again = trees.use("one");
    use.close();
    trees.trim();
    // Closing trims in the background too: either may be the one that removes "two".
    await().until(() -> names().equals(List.of("one")));
    again.close();
    await().until(() -> names().isEmpty());
  }

  @Test
  void whatGrew_isMeasuredAgain() throws Exception {
    tree("one", 100, 1);
    tree("two", 100, 2);
    Trees trees = open(250);
    trees.trim();
    assertThat(names()).containsExactly("one", "two");
    try (Trees.Use use = trees.use("two")) {
      Files.write(use.path().resolve("objects/pack/q"), new byte[100]);
    }
    await().until(() -> names().equals(List.of("two")));
  }

  @Test
  void whatWasGoingWhenTheProcessEnded_isRemovedAtTheNextStart() throws Exception {
    tree("one", 100, 1);
    tree(".going-two-17", 100, 2);
    open(1000);
    assertThat(names()).containsExactly("one");
  }
}
