package dev.holdfast.runner.keep;

import dev.holdfast.model.archive.ArchiveReader;
import dev.holdfast.model.archive.ArchiveWriter;
import dev.holdfast.model.archive.Caps;
import dev.holdfast.model.definition.Artifacts;
import dev.holdfast.model.definition.Cache;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.When;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.channel.BrokenChannel;
import dev.holdfast.model.wire.channel.Frame;
import dev.holdfast.model.wire.channel.FrameKind;
import dev.holdfast.model.wire.channel.KeepFromRunner;
import dev.holdfast.model.wire.channel.KeepToRunner;
import dev.holdfast.model.wire.channel.ToRunner.RunJob;
import dev.holdfast.runner.channel.AgentChannel;
import dev.holdfast.runner.step.Supervisor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The files of one job that are kept beyond it: caches and downloads are put in place before its
 * first step, caches and uploads packed after its last. Used by the job's one thread.
 */
public final class Keeping {
  private static final String HOME = "/home/job";

  private final Job job;
  private final AgentChannel channel;
  private final Supervisor supervisor;
  private final Path workspace;
  private final Path home;
  private final List<List<String>> hashes = new ArrayList<>();
  private final List<Boolean> exact = new ArrayList<>();

  public Keeping(RunJob order, AgentChannel channel, Supervisor supervisor) throws IOException {
    this.job = order.job().job();
    this.channel = channel;
    this.supervisor = supervisor;
    this.workspace = Path.of(order.workspace()).toRealPath();
    this.home = Path.of(order.env().getOrDefault("HOME", HOME));
  }

  /** Whether the job has anything to do with such files. */
  public static boolean asked(RunJob order) {
    Job job = order.job().job();
    return !job.cache().isEmpty() || job.artifacts().isPresent();
  }

  /**
   * Before the first step.
   *
   * @return how the job ends if it cannot begin
   * @throws IOException if the channel is gone
   */
  public Optional<Outcome> before() throws IOException, InterruptedException {
    try {
      if (!job.cache().isEmpty()) {
        FileHashes files = FileHashes.in(workspace);
        for (Cache cache : job.cache()) {
          hashes.add(files.of(cache));
        }
      }
    } catch (IOException e) {
      return failed("the files of its caches' keys cannot be read: " + e.getMessage());
    }
    for (int i = 0; i < job.cache().size(); i++) {
      send(new KeepFromRunner.Restore(i, hashes.get(i)));
      Cache cache = job.cache().get(i);
      KeepToRunner answer = answer();
      exact.add(answer instanceof KeepToRunner.Coming coming && coming.exact());
      Optional<Outcome> failed =
          answer instanceof KeepToRunner.Coming coming
              ? put(coming, 1, name -> place(cache, name), "its cache " + (i + 1))
              : Optional.empty();
      if (failed.isPresent()) {
        return failed;
      }
    }
    for (int i = 0; i < job.downloads().size(); i++) {
      Optional<Outcome> failed = fetch(i, job.downloads().get(i));
      if (failed.isPresent()) {
        return failed;
      }
    }
    return Optional.empty();
  }

  private Optional<Outcome> fetch(int number, Artifacts.Download download)
      throws IOException, InterruptedException {
    send(new KeepFromRunner.Fetch(number));
    String what = "the artifact " + download.name();
    Path into = download.into().map(workspace::resolve).orElse(workspace);
    int more;
    do {
      KeepToRunner answer = answer();
      if (answer instanceof KeepToRunner.Missing(String why)) {
        return failed(what + " is not there: " + why);
      }
      if (!(answer instanceof KeepToRunner.Coming coming)) {
        throw new BrokenChannel("the agent did not say whether an artifact comes");
      }
      more = coming.more();
      Optional<Outcome> failed =
          put(coming, 0, name -> new Unpacker.Place(workspace, into.resolve(name)), what);
      if (failed.isPresent()) {
        return failed;
      }
    } while (more > 0);
    return Optional.empty();
  }

  private Optional<Outcome> put(
      KeepToRunner.Coming coming, int depth, Unpacker.Places places, String what)
      throws IOException, InterruptedException {
    var bytes = new ComingArchive(channel.inbox(), supervisor, coming.bytes());
    String why;
    try {
      new Unpacker().unpack(new ArchiveReader(bytes, Caps.standard(), depth), places);
      bytes.drain();
      return Optional.empty();
    } catch (BrokenChannel e) {
      throw e;
    } catch (IOException e) {
      why = String.valueOf(e.getMessage());
    }
    channel.inbox().close();
    send(new KeepFromRunner.Unusable(shortened(why)));
    return failed(what + " could not be put in place: " + why);
  }

  /** An entry's first name is the number of its path. */
  private Unpacker.Place place(Cache cache, String name) throws IOException {
    int slash = name.indexOf('/');
    String number = slash < 0 ? name : name.substring(0, slash);
    if (!number.matches("[0-9]{2}") || Integer.parseInt(number) >= cache.paths().size()) {
      throw new IOException("the archive holds something that is of none of the cache's paths");
    }
    Root root = root(cache.paths().get(Integer.parseInt(number)));
    return new Unpacker.Place(
        root.base(), slash < 0 ? root.path() : root.path().resolve(name.substring(slash + 1)));
  }

  /**
   * @param base the workspace or the home
   * @param path below it
   */
  private record Root(Path base, Path path) {}

  private Root root(String path) throws IOException {
    Path base = path.startsWith("~/") ? home.toRealPath() : workspace;
    return new Root(base, base.resolve(path.startsWith("~/") ? path.substring(2) : path));
  }

  /**
   * After the last step.
   *
   * @param succeeded whether all did
   * @return how the job ends if something of it could not be kept that must be
   * @throws IOException if the channel is gone
   */
  public Optional<Outcome> after(boolean succeeded) throws IOException, InterruptedException {
    for (int i = 0; succeeded && i < job.cache().size(); i++) {
      if (!exact.get(i) && any(job.cache().get(i))) {
        send(new KeepFromRunner.OfferCache(i, hashes.get(i)));
        Cache cache = job.cache().get(i);
        // What cannot be kept is in the log, by the agent: the next run builds it anew.
        var _ = give(packer -> paths(cache, packer), 1);
      }
    }
    for (int i = 0; i < job.uploads().size(); i++) {
      Artifacts.Upload upload = job.uploads().get(i);
      if (wanted(upload, succeeded)) {
        send(new KeepFromRunner.OfferArtifact(i));
        Optional<String> why = give(packer -> matching(upload, packer), 0);
        if (why.isPresent()) {
          return failed("the artifact " + upload.name() + " could not be kept: " + why.get());
        }
      }
    }
    return Optional.empty();
  }

  private static boolean wanted(Artifacts.Upload upload, boolean succeeded) {
    return switch (upload.when().orElse(When.SUCCESS)) {
      case SUCCESS -> succeeded;
      case FAILURE -> !succeeded;
      case ALWAYS -> true;
    };
  }

  private boolean any(Cache cache) throws IOException {
    for (String path : cache.paths()) {
      if (Packer.exists(root(path).path())) {
        return true;
      }
    }
    return false;
  }

  private void paths(Cache cache, Packer packer) throws IOException {
    for (int i = 0; i < cache.paths().size(); i++) {
      Path path = root(cache.paths().get(i)).path();
      if (Packer.exists(path)) {
        packer.all(i < 10 ? "0" + i : "" + i, path);
      }
    }
  }

  private void matching(Artifacts.Upload upload, Packer packer) throws IOException {
    packer.matching(workspace, upload);
    if (packer.entries() == 0) {
      throw new IOException(
          "there is no file that its paths allow: " + String.join(", ", upload.paths()));
    }
  }

  private interface Packing {
    void into(Packer packer) throws IOException;
  }

  /** Sends an archive if it is wanted. Why it was not kept; empty if it was. */
  private Optional<String> give(Packing packing, int depth)
      throws IOException, InterruptedException {
    if (answer() instanceof KeepToRunner.NotWanted(String why)) {
      return Optional.of(why);
    }
    Optional<String> failure = packed(packing, depth);
    send(
        failure.isPresent()
            ? new KeepFromRunner.GivenUp(shortened(failure.get()))
            : new KeepFromRunner.Packed());
    KeepToRunner answer = answer();
    return failure.or(() ->
        answer instanceof KeepToRunner.NotKept(String why) ? Optional.of(why) : Optional.empty());
  }

  private Optional<String> packed(Packing packing, int depth) {
    var leaving = new LeavingArchive(channel, supervisor);
    try (var out = new ArchiveWriter(leaving)) {
      packing.into(new Packer(out, depth));
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
    return Optional.empty();
  }

  private void send(KeepFromRunner message) throws IOException {
    channel.keep(message);
  }

  private KeepToRunner answer() throws IOException, InterruptedException {
    Frame frame = channel.inbox().next();
    if (frame.kind() != FrameKind.KEEP) {
      throw new BrokenChannel("the agent sent bytes that it did not announce");
    }
    try {
      return Records.read(KeepToRunner.class, frame.payload());
    } catch (MalformedJson e) {
      throw new BrokenChannel("the agent sent a message that cannot be read: " + e.getMessage());
    }
  }

  private static Optional<Outcome> failed(String why) {
    return Optional.of(new Outcome.Failed(why, 1));
  }

  private static String shortened(String why) {
    return why.length() <= 1000 ? why : why.substring(0, 1000);
  }
}
