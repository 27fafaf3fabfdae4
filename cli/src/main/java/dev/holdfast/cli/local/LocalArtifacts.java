package dev.holdfast.cli.local;

import dev.holdfast.agent.transfer.Shelf;
import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.archive.Caps;
import dev.holdfast.model.definition.Artifacts;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.wire.agent.KeepApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The artifacts of one run here, from job to job, in a folder that goes with the run. Caches are
 * not kept: what a run on somebody's own machine leaves would be found by the next, whatever tree
 * that is of. Thread-safe.
 */
final class LocalArtifacts {
  private static final String NO_CACHES = "runs on one's own machine keep no caches";

  private record Stored(Path file, Digest digest, long size) {}

  private final List<PlannedJob> plan;
  private final Path folder;
  private final AtomicInteger count = new AtomicInteger();
  private final Map<String, Stored> all = new ConcurrentHashMap<>();

  LocalArtifacts(List<PlannedJob> plan, Path folder) {
    this.plan = plan;
    this.folder = folder;
  }

  /** What {@code job} sees of them. */
  Shelf of(PlannedJob job) {
    return new Of(job);
  }

  private static String key(String job, String name) {
    return job + "\n" + name;
  }

  private final class Of implements Shelf {
    private final PlannedJob job;

    Of(PlannedJob job) {
      this.job = job;
    }

    @Override
    public KeepApi.Found find(KeepApi.Kind kind, int index, List<String> hashes) {
      if (kind == KeepApi.Kind.CACHE) {
        return new KeepApi.Found(List.of(), NO_CACHES);
      }
      Artifacts.Download download = job.job().downloads().get(index);
      var items = new ArrayList<KeepApi.Item>();
      for (PlannedJob other : plan) {
        boolean gives =
            job.needs().contains(other.key())
                && download.from().map(other.job().name()::equals).orElse(true)
                && other.job().uploads().stream()
                    .anyMatch(upload -> upload.name().equals(download.name()));
        Stored stored = gives ? all.get(key(other.key(), download.name().value())) : null;
        if (gives && stored == null) {
          return new KeepApi.Found(List.of(), "the job " + other.key() + " kept none");
        }
        if (stored != null) {
          items.add(
              new KeepApi.Item(
                  stored.digest(),
                  stored.size(),
                  "the artifact " + download.name() + " of job " + other.key(),
                  true,
                  ""));
        }
      }
      return new KeepApi.Found(items, items.isEmpty() ? "no job that it needs uploads it" : "");
    }

    @Override
    public void fetch(KeepApi.Item item, Path to) throws ShelfFailed {
      for (Stored stored : all.values()) {
        if (stored.digest().equals(item.digest())) {
          try {
            Files.copy(stored.file(), to);
            return;
          } catch (IOException e) {
            throw new ShelfFailed("it cannot be copied: " + e.getMessage());
          }
        }
      }
      throw new ShelfFailed("it is not there any more");
    }

    @Override
    public KeepApi.Offered offer(KeepApi.Kind kind, int index, List<String> hashes) {
      return kind == KeepApi.Kind.CACHE
          ? new KeepApi.Offered(false, "", NO_CACHES, 0)
          : new KeepApi.Offered(
              true, job.job().uploads().get(index).name().value(), "", Caps.standard().packed());
    }

    @Override
    public KeepApi.Committed keep(
        KeepApi.Kind kind, int index, List<String> hashes, Path archive, Digest digest, long size)
        throws ShelfFailed {
      try {
        Files.createDirectories(folder);
        Path file =
            Files.copy(
                archive,
                folder.resolve(count.incrementAndGet() + ".tar.gz"),
                StandardCopyOption.REPLACE_EXISTING);
        all.put(
            key(job.key(), job.job().uploads().get(index).name().value()),
            new Stored(file, digest, size));
        return new KeepApi.Committed(true, "");
      } catch (IOException e) {
        throw new ShelfFailed("it cannot be copied: " + e.getMessage());
      }
    }
  }
}
