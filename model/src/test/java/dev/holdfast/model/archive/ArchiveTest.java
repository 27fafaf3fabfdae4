package dev.holdfast.model.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Holdfast writes it reads again; whatever else somebody sends as an archive is refused. */
class ArchiveTest {
  private static final Caps CAPS = new Caps(1 << 20, 8 << 20, 1000, 100, 1 << 16);

  private interface Written {
    void by(ArchiveWriter writer) throws IOException;
  }

  private static byte[] written(Written written) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var writer = new ArchiveWriter(out)) {
      written.by(writer);
    }
    return out.toByteArray();
  }

  private static List<Entry> read(byte[] archive, int depth) throws IOException {
    return read(archive, depth, CAPS);
  }

  private static List<Entry> read(byte[] archive, int depth, Caps caps) throws IOException {
    var reader = new ArchiveReader(new ByteArrayInputStream(archive), caps, depth);
    var entries = new ArrayList<Entry>();
    byte[] buffer = new byte[1000];
    for (Optional<Entry> next = reader.next(); next.isPresent(); next = reader.next()) {
      entries.add(next.get());
      int read = 0;
      while (read >= 0) {
        read = reader.content(buffer, 0, buffer.length);
      }
    }
    return entries;
  }

  /** Headers and bytes as somebody hostile writes them: with what the writer never would. */
  private static final class Raw {
    private final ByteArrayOutputStream tar = new ByteArrayOutputStream();

    Raw add(String name, char kind, String target, String content) {
      return add(name, 0644, kind, target, content, block -> block);
    }

    Raw add(
        String name,
        int mode,
        char kind,
        String target,
        String content,
        UnaryOperator<byte[]> spoil) {
      byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
      tar.writeBytes(
          spoil.apply(Header.block(new Header.Said(name, mode, bytes.length, 0, kind, target))));
      tar.writeBytes(bytes);
      tar.writeBytes(new byte[(512 - bytes.length % 512) % 512]);
      return this;
    }

    byte[] end() throws IOException {
      return end(new byte[0]);
    }

    byte[] end(byte[] beyond) throws IOException {
      tar.writeBytes(new byte[1024]);
      tar.writeBytes(beyond);
      var out = new ByteArrayOutputStream();
      try (var gzip = new GZIPOutputStream(out)) {
        gzip.write(tar.toByteArray());
      }
      return out.toByteArray();
    }
  }

  private static void refused(byte[] archive, String why) {
    assertThatThrownBy(() -> read(archive, 0))
        .isInstanceOf(BadArchive.class)
        .hasMessageContaining(why);
  }

  private static InputStream text(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void positiveControl_whatIsWrittenIsReadAgain() throws Exception {
    String deep = "d/" + "x".repeat(200) + "/" + "y".repeat(200);
    byte[] archive =
        written(writer -> {
          writer.folder(new Entry.Folder("d"));
          writer.file(new Entry.File(deep, true, 5, 1_700_000_000), text("hello"));
          writer.link(new Entry.Link("d/zlink", "../d/target-" + "t".repeat(150)));
          writer.file(new Entry.File("é", false, 0, 0), text(""));
        });
    assertThat(read(archive, 0))
        .containsExactly(
            new Entry.Folder("d"),
            new Entry.File(deep, true, 5, 1_700_000_000),
            new Entry.Link("d/zlink", "../d/target-" + "t".repeat(150)),
            new Entry.File("é", false, 0, 0));
    // What the tests below spoil is in order before.
    assertThat(read(new Raw().add("a", '0', "", "x").add("b/c", '0', "", "y").end(), 0)).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil",
        "a/../../evil",
        "/etc/passwd",
        "a//b",
        "./a",
        "a/./b",
        "a/",
        "..",
        "a\nb",
        "a\u001b]0;owned\u0007",
        "a\u202eb"
      })
  void namesThatLeadElsewhere_orThatATerminalObeys(String name) throws Exception {
    refused(new Raw().add(name, '0', "", "x").end(), "something named");
  }

  @Test
  void namesThatAreTooLong() throws Exception {
    refused(new Raw().add("", '0', "", "x").end(), "something named");
    for (String name :
        List.of("x".repeat(256), "d/".repeat(120) + "x", ("e".repeat(200) + "/").repeat(6) + "f")) {
      String record = " path=" + name + "\n";
      int length = record.length() + (record.length() > 990 ? 4 : 3);
      byte[] archive =
          new Raw().add("long", 'x', "", length + record).add("long", '0', "", "x").end();
      refused(archive, "something named");
    }
  }

  @Test
  void aNameThatIsNotUtf8() throws Exception {
    byte[] archive =
        new Raw()
            .add(
                "abc",
                0644,
                '0',
                "",
                "x",
                block -> {
                  block[1] = (byte) 0xff;
                  // The sum is right: only the name is wrong.
                  return summed(block, 0xff - 'b');
                })
            .end();
    refused(archive, "not UTF-8");
  }

  private static byte[] summed(byte[] block, int more) {
    String digits = new String(block, 148, 6, StandardCharsets.US_ASCII);
    byte[] sum =
        String.format("%06o", Integer.parseInt(digits, 8) + more)
            .getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(sum, 0, block, 148, 6);
    return block;
  }

  @ParameterizedTest
  @ValueSource(chars = {'1', '3', '4', '6', '7', 'g', 'L', 'K', 'S', 'V'})
  void hardLinksDevicesPipesAndWhatElseTarKnows(char kind) throws Exception {
    refused(new Raw().add("a", '0', "", "x").add("b", kind, "a", "").end(), "only files, folders");
  }

  @Test
  void setuid_isNotEvenSaid() throws Exception {
    byte[] archive = new Raw().add("su", 06755, '0', "", "x", block -> block).end();
    assertThat(read(archive, 0)).containsExactly(new Entry.File("su", true, 1, 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/etc",
        "..",
        "../x",
        "a/../../x",
        "x/../y",
        "",
        "a//b",
        "./a",
        "a\u001b[2Jb",
        "../../x"
      })
  void linksThatLeadOutOrMight(String target) throws Exception {
    refused(new Raw().add("link", '2', target, "").end(), "leads to");
  }

  @Test
  void linksThatLeadUp_stayBelowTheRootOfTheirCache() throws Exception {
    byte[] archive = new Raw().add("00/d/link", '2', "../x", "").end();
    assertThat(read(archive, 1)).hasSize(1);
    byte[] out = new Raw().add("00/link", '2', "../01/x", "").end();
    assertThat(read(out, 0)).hasSize(1);
    assertThatThrownBy(() -> read(out, 1)).hasMessageContaining("leads to");
  }

  @Test
  void aLinkAndThenAFileThroughIt() throws Exception {
    refused(
        new Raw().add("a", '2', "b", "").add("a/evil", '0', "", "x").end(),
        "would lie in \"a\", which is no folder");
    refused(
        new Raw().add("a", '0', "", "x").add("a/evil", '0', "", "x").end(),
        "would lie in \"a\", which is no folder");
    // However far they are apart: whatever lies in a folder follows it at once.
    refused(
        new Raw().add("a", '2', "b", "").add("a-b", '0', "", "x").add("a/evil", '0', "", "x").end(),
        "comes twice in the archive, or after");
  }

  @Test
  void theSameNameTwice() throws Exception {
    refused(
        new Raw().add("a", '0', "", "x").add("a", '0', "", "y").end(),
        "comes twice in the archive");
    refused(
        new Raw().add("a", '5', "", "").add("a/b", '0', "", "").add("a", '2', "c", "").end(),
        "comes twice in the archive");
  }

  @Test
  void moreEntriesThanAllowed() throws Exception {
    byte[] archive =
        written(writer -> {
          for (int i = 0; i < 1001; i++) {
            writer.file(
                new Entry.File(String.format("%06d", i), false, 0, 0),
                InputStream.nullInputStream());
          }
        });
    refused(archive, "more than 1000 files");
    assertThat(read(archive, 0, new Caps(1 << 20, 1, 1001, 100, 1))).hasSize(1001);
  }

  /** As a stream, so that the test is not the one that fills memory. */
  @Test
  void aMillionEntries_costNoMemory() throws Exception {
    byte[] million =
        written(writer -> {
          for (int i = 0; i < 1_000_000; i++) {
            writer.folder(new Entry.Folder(String.format("%07d", i)));
          }
        });
    var reader = new ArchiveReader(new ByteArrayInputStream(million), Caps.standard(), 0);
    assertThatThrownBy(
            () -> {
              boolean more = true;
              while (more) {
                more = reader.next().isPresent();
              }
            })
        .isInstanceOf(BadArchive.class)
        .hasMessageContaining("more than 200000 files");
    assertThat(reader.entries()).isEqualTo(200_001);
  }

  @Test
  void aFewBytesThatBecomeMany() throws Exception {
    byte[] bomb =
        written(writer ->
            writer.file(
                new Entry.File("zeros", false, 7 << 20, 0),
                new InputStream() {
                  @Override
                  public int read() {
                    return 0;
                  }

                  @Override
                  public int read(byte[] bytes, int offset, int length) {
                    Arrays.fill(bytes, offset, offset + length, (byte) 0);
                    return length;
                  }
                }));
    refused(bomb, "more than 100 times its size");
    var many = new Caps(CAPS.packed(), CAPS.unpacked(), CAPS.entries(), 10_000, 0);
    assertThatCode(() -> read(bomb, 0, many)).doesNotThrowAnyException();
    var small = new Caps(CAPS.packed(), 1 << 20, CAPS.entries(), 10_000, 0);
    assertThatThrownBy(() -> read(bomb, 0, small)).hasMessageContaining("together larger than");
    var tight = new Caps(1000, CAPS.unpacked(), CAPS.entries(), 10_000, 0);
    assertThatThrownBy(() -> read(bomb, 0, tight)).hasMessageContaining("larger than 1000 bytes");
  }

  @Test
  void whatIsCutShort_goesOnOrIsDamaged() throws Exception {
    byte[] good = new Raw().add("a", '0', "", "x").end();
    for (int length = 0; length < good.length - 8; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> read(cut, 0)).isInstanceOf(BadArchive.class);
    }
    refused(new Raw().add("a", '0', "", "x").end(new byte[] {1}), "goes on after its end");
    refused(new Raw().add("a", '0', "", "x").end(new byte[512]), "goes on after its end");
    refused(
        new Raw()
            .add(
                "a",
                0644,
                '0',
                "",
                "x",
                block -> {
                  block[0] = 'b';
                  return block;
                })
            .end(),
        "sum is wrong");
    refused(new byte[] {1, 2, 3}, "not compressed");
  }

  @Test
  void whatElseCanBeSaidOfAnEntry_isRefused() throws Exception {
    refused(
        new Raw().add("long", 'x', "", "13 size=9999\n").add("a", '0', "", "x").end(),
        "which Holdfast never writes");
    refused(
        new Raw().add("long", 'x', "", "99 path=a\n").add("a", '0', "", "x").end(),
        "cannot be read");
    refused(
        new Raw().add("long", 'x', "", "10 path=a\n").add("a", 'x', "", "10 path=b\n").end(),
        "only files, folders");
  }
}
