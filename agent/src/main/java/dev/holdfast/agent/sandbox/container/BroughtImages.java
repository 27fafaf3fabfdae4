package dev.holdfast.agent.sandbox.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Image;
import dev.holdfast.agent.keep.Kept;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images that this agent brought to its engine, of bounded size in all: one file each, whose
 * name is the image's, whose lines are the names it was pulled by, and whose time is that of its
 * last use, so that all of it outlives this process. Thread-safe.
 *
 * <p>It never removes an image that the engine had before, that the operator lists, that has a name
 * which no pull of this agent gave it, or that any container is made from. The engine itself
 * refuses the last two once more, since it is never told to use force.
 */
final class BroughtImages {
  private static final Logger LOG = LoggerFactory.getLogger(BroughtImages.class);

  private final DockerClient docker;
  private final ImageRules rules;
  private final Path directory;

  /** Between the choice of an image and the container made from it the engine sees no user. */
  private final Map<String, Integer> held = new HashMap<>();

  /** Whether all together may be beyond the bound; it is asked for each job. */
  private boolean full = true;

  BroughtImages(DockerClient docker, ImageRules rules) {
    this.docker = docker;
    this.rules = rules;
    // No repository's record has a name that begins with a dot.
    this.directory = rules.record().resolve(".brought");
  }

  /** Images that stay as long as this is open: those of one sandbox that is being made. */
  final class Hold implements AutoCloseable {
    private final List<String> ids = new ArrayList<>();

    /** Keeps it, and marks it as used now. */
    void keep(String id) throws IOException {
      synchronized (BroughtImages.this) {
        ids.add(id);
        held.merge(id, 1, Integer::sum);
        if (Files.exists(file(id))) {
          Files.setLastModifiedTime(file(id), FileTime.from(Instant.now()));
        }
      }
    }

    @Override
    public void close() {
      synchronized (BroughtImages.this) {
        ids.forEach(
            id -> held.compute(id, (n, count) -> count == null || count == 1 ? null : count - 1));
        ids.clear();
      }
    }
  }

  /** The images that the engine has. To be asked before a pull, for {@link #brought}. */
  Set<String> present() {
    var ids = new HashSet<String>();
    docker.listImagesCmd().withShowAll(true).exec().forEach(image -> ids.add(image.getId()));
    return ids;
  }

  /**
   * A pull succeeded.
   *
   * @param before what the engine had: what was there is not ours to remove
   */
  synchronized void brought(String id, String name, Set<String> before) throws IOException {
    Path file = file(id);
    if (before.contains(id) && !Files.exists(file)) {
      return;
    }
    Files.createDirectories(directory);
    var names = new HashSet<>(names(file));
    names.add(name);
    Files.write(file, names);
    full = true;
  }

  /** Removes what is beyond the bound. */
  synchronized void trim() throws IOException {
    if (!full || !Files.isDirectory(directory)) {
      return;
    }
    var there = new HashMap<String, Image>();
    docker.listImagesCmd().exec().forEach(image -> there.put(image.getId(), image));
    Set<String> busy = new HashSet<>(held.keySet());
    docker
        .listContainersCmd()
        .withShowAll(true)
        .exec()
        .forEach(container -> busy.add(container.getImageId()));
    var all = new ArrayList<Kept>();
    try (var listed = Files.newDirectoryStream(directory, "sha256-*")) {
      for (Path file : listed) {
        String id = String.valueOf(file.getFileName()).replaceFirst("-", ":");
        Image image = there.get(id);
        if (image == null) {
          // Somebody else removed it.
          Files.deleteIfExists(file);
          continue;
        }
        if (!ours(image, names(file))) {
          busy.add(id);
        }
        all.add(new Kept(id, image.getSize(), Files.getLastModifiedTime(file).toInstant()));
      }
    }
    long sum = all.stream().mapToLong(Kept::bytes).sum();
    for (Kept one : Kept.beyond(rules.most(), all, busy::contains)) {
      sum -= remove(one, names(file(one.name()))) ? one.bytes() : 0;
    }
    full = sum > rules.most();
  }

  private boolean ours(Image image, Set<String> pulled) {
    return pulled.stream().noneMatch(rules::lists)
        && tags(image).stream()
            .allMatch(tag -> !rules.lists(tag) && pulled.stream().anyMatch(p -> same(p, tag)));
  }

  private static List<String> tags(Image image) {
    return image.getRepoTags() == null
        ? List.of()
        : Arrays.stream(image.getRepoTags()).filter(tag -> !tag.equals("<none>:<none>")).toList();
  }

  /** The engine shows names with their tag, and without what Docker takes for granted. */
  private static boolean same(String pulled, String shown) {
    String name = pulled.replaceFirst("^docker\\.io/(library/)?", "");
    return name.equals(shown) || (name + ":latest").equals(shown);
  }

  private boolean remove(Kept one, Set<String> names) throws IOException {
    try {
      docker.removeImageCmd(one.name()).withForce(false).exec();
    } catch (NotFoundException e) {
      // Gone is what it is to be.
    } catch (ConflictException e) {
      LOG.info(
          "the image {} {} stays, although all together are beyond {} bytes: {}",
          names,
          one.shown(),
          rules.most(),
          Failures.line(e));
      return false;
    }
    Files.deleteIfExists(file(one.name()));
    LOG.info(
        "removed the image {} {}: all together were beyond {} bytes",
        names,
        one.shown(),
        rules.most());
    return true;
  }

  private static Set<String> names(Path file) throws IOException {
    try {
      return Set.copyOf(Files.readAllLines(file));
    } catch (NoSuchFileException e) {
      return Set.of();
    }
  }

  private Path file(String id) throws IOException {
    if (!id.matches("sha256:[0-9a-f]{64}")) {
      throw new IOException("the engine names an image " + id + ", which is no digest");
    }
    return directory.resolve(id.replace(':', '-'));
  }
}
