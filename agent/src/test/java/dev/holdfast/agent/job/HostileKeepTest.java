package dev.holdfast.agent.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.archive.ArchiveWriter;
import dev.holdfast.model.archive.Entry;
import dev.holdfast.model.definition.Artifacts;
import dev.holdfast.model.definition.Cache;
import dev.holdfast.model.definition.CacheKey;
import dev.holdfast.model.definition.KeyPart;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.channel.FrameKind;
import dev.holdfast.model.wire.channel.FromRunner;
import dev.holdfast.model.wire.channel.KeepFromRunner;
import dev.holdfast.model.wire.channel.KeepToRunner;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a runner gives to be kept is hostile, and so is when and how it gives it. */
@Timeout(60)
class HostileKeepTest {
  private static final Cache CACHE =
      new Cache(
          List.of("~/.m2"),
          new CacheKey(List.of(new KeyPart.Text("maven"))),
          List.of(),
          Optional.empty());
  private static final Artifacts JARS =
      new Artifacts(
          List.of(new Artifacts.Upload(new Name("jars"), List.of("out/"), Optional.empty())),
          List.of());

  private final List<Path> datas = new ArrayList<>();
  private final MemoryShelf shelf = new MemoryShelf();

  @AfterEach
  void clean() throws Exception {
    for (Path data : datas) {
      assertThat(data.resolve("job")).isEmptyDirectory();
      new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
    }
  }

  private Heard talk(ScriptedBackend.Talk talk) throws Exception {
    Path data = TestWorkshop.data();
    datas.add(data);
    var heard = new Heard();
    ScriptedBackend backend = ScriptedBackend.talking(talk);
    var workshop =
        TestWorkshop.of(
            data, backend, Jobs.oneFile(), new RunnerDistribution(data, "for this test"));
    new JobExecution(
            Jobs.keeping(Jobs.commands("true"), List.of(CACHE), JARS), workshop, heard, shelf)
        .run();
    assertThat(backend.alive).hasValue(0);
    return heard;
  }

  private static void step(Wire wire) throws Exception {
    wire.say(new FromRunner.StepStarted(0));
    wire.say(new FromRunner.StepFinished(0, new StepResult.Succeeded()));
  }

  private static void assertBlamed(Heard heard, String why) {
    assertThat(heard.outcome())
        .isInstanceOfSatisfying(
            Outcome.Failed.class, failed -> assertThat(failed.reason()).contains(why));
  }

  /** Gives {@code archive} as the job's artifact, and ends well. */
  private Heard give(byte[] archive) throws Exception {
    return give(new KeepFromRunner.OfferArtifact(0), archive);
  }

  private Heard give(KeepFromRunner offer, byte[] archive) throws Exception {
    return talk(wire -> {
      wire.begin();
      step(wire);
      wire.keep(offer);
      assertThat(wire.hearKept()).isEqualTo(new KeepToRunner.Wanted());
      for (int at = 0; at < archive.length; at += FrameKind.ARCHIVE.most()) {
        wire.raw(
            FrameKind.ARCHIVE,
            Arrays.copyOfRange(
                archive, at, Math.min(archive.length, at + FrameKind.ARCHIVE.most())));
      }
      wire.keep(new KeepFromRunner.Packed());
      KeepToRunner answer = wire.hearKept();
      wire.say(
          new FromRunner.JobFinished(
              answer instanceof KeepToRunner.Kept
                  ? new Outcome.Succeeded()
                  : new Outcome.Failed("not kept", 1)));
    });
  }

  private static byte[] archive(String name) throws Exception {
    var out = new ByteArrayOutputStream();
    try (var writer = new ArchiveWriter(out)) {
      writer.file(new Entry.File(name, false, 1, 0), new ByteArrayInputStream(new byte[1]));
    }
    return out.toByteArray();
  }

  /** A tar whose name is changed behind the writer's back, its sum made right. */
  private static byte[] renamed(String good, String evil) throws Exception {
    byte[] tar =
        new java.util.zip.GZIPInputStream(new ByteArrayInputStream(archive(good))).readAllBytes();
    byte[] from = good.getBytes(UTF_8);
    byte[] to = evil.getBytes(UTF_8);
    int more = 0;
    for (int i = 0; i < to.length; i++) {
      more += to[i] - from[i];
      tar[i] = to[i];
    }
    int sum = Integer.parseInt(new String(tar, 148, 6, UTF_8), 8) + more;
    System.arraycopy(String.format("%06o", sum).getBytes(UTF_8), 0, tar, 148, 6);
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(tar);
    }
    return out.toByteArray();
  }

  @Test
  void positiveControl_whatIsInOrderIsKept() throws Exception {
    Heard heard = give(archive("out/x"));
    assertThat(heard.outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(shelf.stored).hasSize(1);
    assertThat(give(renamed("out/x", "out/y")).outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(give(new KeepFromRunner.OfferCache(0, List.of()), archive("00/x")).outcome())
        .isEqualTo(new Outcome.Succeeded());
  }

  @Test
  void anArchiveThatWouldLeaveItsFolder_isNotSentOn() throws Exception {
    Heard heard = give(renamed("aa/evil", "../evil"));
    assertThat(heard.outcome()).isEqualTo(new Outcome.Failed("not kept", 1));
    assertThat(heard.log()).contains("a name that leads elsewhere");
    assertThat(shelf.stored).isEmpty();
    give(renamed("aetc/evil", "/etc/evil"));
    give("no archive at all".getBytes(UTF_8));
    give(Arrays.copyOf(archive("out/x"), 40));
    assertThat(shelf.stored).isEmpty();
    assertThat(shelf.asked).noneMatch(asked -> asked.startsWith("keep"));
  }

  @Test
  void aCacheThatHoldsWhatIsOfNoneOfItsPaths_isNotSentOn() throws Exception {
    Heard heard = give(new KeepFromRunner.OfferCache(0, List.of()), archive("01/evil"));
    assertThat(heard.log()).contains("of none of the cache's paths");
    give(new KeepFromRunner.OfferCache(0, List.of()), archive("evil"));
    assertThat(shelf.stored).isEmpty();
  }

  @Test
  void moreBytesThanAreWanted_areNotWrittenAnywhere() throws Exception {
    shelf.most(100_000);
    byte[] random = new byte[1_000_000];
    new java.util.Random(1).nextBytes(random);
    var out = new ByteArrayOutputStream();
    try (var writer = new ArchiveWriter(out)) {
      writer.file(new Entry.File("x", false, random.length, 0), new ByteArrayInputStream(random));
    }
    Heard heard = give(out.toByteArray());
    assertThat(heard.log()).contains("it is larger than 97 KiB");
    assertThat(shelf.stored).isEmpty();
  }

  @Test
  void aName_withTerminalEscapes_isNeitherKeptNorShown() throws Exception {
    Heard heard = give(renamed("aaaaa", "a\u001b[2J"));
    assertThat(shelf.stored).isEmpty();
    assertThat(heard.log()).contains("a terminal obeys").doesNotContain("\u001b");
    Heard givenUp =
        talk(wire -> {
          wire.begin();
          step(wire);
          wire.keep(new KeepFromRunner.OfferArtifact(0));
          wire.hearKept();
          wire.keep(new KeepFromRunner.GivenUp("\u001b]0;owned\u0007\n::forged line"));
          wire.hearKept();
          wire.say(new FromRunner.JobFinished(new Outcome.Succeeded()));
        });
    assertThat(givenUp.log()).doesNotContain("\u001b").doesNotContain("\n::forged");
  }

  @Test
  void bytesAndOffersOutOfTurn_endTheJob() throws Exception {
    assertBlamed(
        talk(wire -> {
          wire.begin();
          wire.raw(FrameKind.ARCHIVE, new byte[10]);
        }),
        "bytes of an archive that nobody wanted");
    assertBlamed(
        talk(wire -> {
          wire.begin();
          wire.say(new FromRunner.StepStarted(0));
          wire.keep(new KeepFromRunner.OfferArtifact(0));
        }),
        "files to keep while steps run");
    assertBlamed(
        talk(wire -> {
          wire.begin();
          wire.keep(new KeepFromRunner.OfferArtifact(0));
        }),
        "at a time or of a kind that cannot be");
    assertBlamed(
        talk(wire -> {
          wire.begin();
          step(wire);
          wire.keep(new KeepFromRunner.Restore(0, List.of()));
        }),
        "at a time or of a kind that cannot be");
    assertBlamed(
        talk(wire -> {
          wire.begin();
          wire.keep(new KeepFromRunner.Restore(0, List.of()));
          wire.hearKept();
          wire.keep(new KeepFromRunner.Restore(0, List.of("a".repeat(64))));
        }),
        "at a time or of a kind that cannot be");
    assertBlamed(
        talk(wire -> {
          wire.begin();
          step(wire);
          wire.keep(new KeepFromRunner.OfferCache(7, List.of()));
        }),
        "at a time or of a kind that cannot be");
    assertBlamed(
        talk(wire -> {
          wire.begin();
          step(wire);
          wire.keep(new KeepFromRunner.Packed());
        }),
        "the end of an archive that nobody wanted");
    assertBlamed(
        talk(wire -> {
          wire.begin();
          wire.say(new FromRunner.StepStarted(0));
          wire.say(new FromRunner.StepFinished(0, new StepResult.Failed(1, "no")));
          wire.keep(new KeepFromRunner.OfferCache(0, List.of()));
        }),
        "a cache of a job that did not succeed");
    assertBlamed(
        talk(wire -> {
          wire.begin();
          wire.raw(FrameKind.KEEP, "{\"type\":\"evil\"}".getBytes(UTF_8));
        }),
        "a message that is none");
    assertThat(shelf.stored).isEmpty();
  }

  @Test
  void aRunnerThatIsGoneInTheMiddle_leavesNothing() throws Exception {
    Heard heard =
        talk(wire -> {
          wire.begin();
          step(wire);
          wire.keep(new KeepFromRunner.OfferArtifact(0));
          wire.hearKept();
          wire.raw(FrameKind.ARCHIVE, Arrays.copyOf(archive("out/x"), 20));
        });
    assertThat(heard.outcome()).isInstanceOf(Outcome.Failed.class);
    assertThat(shelf.stored).isEmpty();
    for (Path data : datas) {
      try (var files = Files.walk(data)) {
        assertThat(files.filter(file -> file.endsWith("kept"))).isEmpty();
      }
    }
  }
}
