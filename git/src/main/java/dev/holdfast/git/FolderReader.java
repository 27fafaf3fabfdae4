package dev.holdfast.git;

import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.json.Quote;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads a folder through one {@code git cat-file --batch}: its tree, then file by file. Each answer
 * is a line with name, type and size, then the content, so that sizes are known before content is
 * read; what is not wanted after all is left in the pipe.
 */
final class FolderReader {
  /** Thousands of files. */
  private static final int MOST_TREE = 64 * 1024;

  private static final int LONGEST_LINE = 4096;

  private final OutputStream in;
  private final InputStream out;
  private final String doing;

  /**
   * @param doing for errors: "cannot " + doing
   */
  FolderReader(OutputStream in, InputStream out, String doing) {
    this.in = in;
    this.out = out;
    this.doing = doing;
  }

  /** What git has under a name; of the type {@code missing} if it has nothing. */
  private record Found(String type, long size) {}

  Map<String, byte[]> read(CommitId commit, String folder, int most) throws IOException {
    Found tree = ask(commit + ":" + folder);
    if (tree.type.equals("missing") && ask(commit + "^{tree}").type.equals("missing")) {
      throw new GitGone("cannot " + doing + ": it has no such commit any more; push it again");
    }
    if (!tree.type.equals("tree")) {
      return Map.of();
    }
    if (tree.size > MOST_TREE) {
      throw new GitTooLarge("cannot " + doing + ": it has too many files");
    }
    return files(content((int) tree.size), commit.value().length() / 2, most);
  }

  /** A tree's entries are: mode, space, name, a zero byte, the bare bytes of a hash. */
  private Map<String, byte[]> files(byte[] tree, int hashLength, int most) throws IOException {
    var files = new LinkedHashMap<String, byte[]>();
    long left = most;
    for (int at = 0; at < tree.length; ) {
      int space = indexOf(tree, ' ', at);
      int end = indexOf(tree, '\0', space);
      String name = new String(tree, space + 1, end - space - 1, StandardCharsets.UTF_8);
      int next = end + 1 + hashLength;
      if (next > tree.length) {
        throw broken();
      }
      // Plain files have the modes 100644 and 100755, or older forms of them.
      boolean plain = tree[at] == '1' && tree[at + 1] == '0' && tree[at + 2] == '0';
      if (plain) {
        Found file = ask(HexFormat.of().formatHex(tree, end + 1, next));
        if (!file.type.equals("blob")) {
          throw new GitFailed("cannot " + doing + ": an object of it is missing");
        }
        left -= file.size;
        if (left < 0) {
          throw new GitTooLarge("cannot " + doing + ": it holds more than " + most + " bytes");
        }
        // Which of two is meant, a person who looks at it cannot know.
        if (files.put(name, content((int) file.size)) != null) {
          throw new GitFailed("cannot " + doing + ": it holds " + Quote.of(name) + " twice");
        }
      }
      at = next;
    }
    return files;
  }

  private Found ask(String name) throws IOException {
    in.write((name + "\n").getBytes(StandardCharsets.US_ASCII));
    in.flush();
    var line = new StringBuilder();
    for (int c = out.read(); c != '\n'; c = out.read()) {
      if (c < 0 || line.length() > LONGEST_LINE) {
        throw new EOFException("git's answer broke off");
      }
      line.append((char) c);
    }
    String[] words = line.toString().split(" ", -1);
    return words.length == 3
        ? new Found(words[1], Long.parseLong(words[2]))
        : new Found("missing", 0);
  }

  private byte[] content(int size) throws IOException {
    byte[] content = out.readNBytes(size);
    if (content.length < size || out.read() != '\n') {
      throw new EOFException("git's answer broke off");
    }
    return content;
  }

  private int indexOf(byte[] tree, char wanted, int from) throws GitFailed {
    for (int at = from; at < tree.length; at++) {
      if (tree[at] == wanted) {
        return at;
      }
    }
    throw broken();
  }

  private GitFailed broken() {
    return new GitFailed("cannot " + doing + ": its tree is broken");
  }
}
