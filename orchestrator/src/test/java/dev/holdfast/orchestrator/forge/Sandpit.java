package dev.holdfast.orchestrator.forge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.git.Git;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.orchestrator.repository.Repository;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A real bare repository, a work tree that pushes to it, and a place where events arrive. */
final class Sandpit {
  final Path folder;
  final Path bare;
  final Path work;
  final Git git;
  final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

  Sandpit(Path folder) throws Exception {
    this.folder = folder;
    this.bare = folder.resolve("app.git");
    this.work = Files.createDirectories(folder.resolve("work"));
    this.git = new Git(folder.resolve("home"), Duration.ofSeconds(30));
    sh(
        "git init -q --bare -b main ../app.git && git init -q -b main . && git remote add origin ../app.git");
  }

  Repository onDisk() {
    return new Repository("repo_1", new Name("app"), new Repository.Location.OnDisk(bare));
  }

  Repository remote() {
    return new Repository(
        "repo_2", new Name("far"), new Repository.Location.Remote(URI.create(bare.toString())));
  }

  Sandpit write(String path, String text) throws IOException {
    Path file = work.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    return this;
  }

  CommitId commit() throws Exception {
    sh("git add -A && git commit -q --allow-empty -m x");
    return new CommitId(sh("git rev-parse HEAD").strip());
  }

  /** What this prints on both streams; it must succeed. */
  String sh(String script) throws Exception {
    var builder = new ProcessBuilder("/bin/sh", "-ec", script).directory(work.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("GIT_"));
    builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
    builder.environment().put("GIT_CONFIG_NOSYSTEM", "1");
    for (String who : List.of("AUTHOR", "COMMITTER")) {
      builder.environment().put("GIT_" + who + "_NAME", "Ada");
      builder.environment().put("GIT_" + who + "_EMAIL", "ada@example.org");
    }
    var process = builder.redirectErrorStream(true).start();
    String out =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(script + "\n" + out).isZero();
    return out;
  }

  Event next() throws InterruptedException {
    Event event = events.poll(20, TimeUnit.SECONDS);
    assertThat(event).as("an event within 20 s").isNotNull();
    return java.util.Objects.requireNonNull(event);
  }

  Happening.Push nextPush() throws InterruptedException {
    return (Happening.Push) next().happening();
  }

  List<Path> spooled() throws IOException {
    try (var files = Files.list(bare.resolve(Hook.SPOOL))) {
      return files.sorted().toList();
    }
  }
}
