package dev.holdfast.git;

import dev.holdfast.model.event.CommitId;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads a commit's message through one {@code git cat-file --batch}. A commit is lines of what git
 * notes, an empty line, and the message. Both may be as long as somebody likes: what is not wanted
 * is left in the pipe.
 */
final class CommitReader {
  /** Parents and a signature take a few thousand bytes. */
  private static final int MOST_NOTES = 64 * 1024;

  private static final int LONGEST_LINE = 4096;

  private final OutputStream in;
  private final InputStream out;
  private final String doing;

  /**
   * @param doing for errors: "cannot " + doing
   */
  CommitReader(OutputStream in, InputStream out, String doing) {
    this.in = in;
    this.out = out;
    this.doing = doing;
  }

  Optional<String> message(CommitId commit, int most) throws IOException {
    // What is no commit is none of anybody's: a tree of this hash has no message.
    in.write((commit + "^{commit}\n").getBytes(StandardCharsets.US_ASCII));
    in.flush();
    String[] answer = line().split(" ", -1);
    if (answer.length != 3 || !answer[1].equals("commit")) {
      throw new GitGone("cannot " + doing + ": it has no such commit any more; push it again");
    }
    long left = Long.parseLong(answer[2]);
    long notes = 0;
    for (boolean empty = false; !empty; ) {
      empty = true;
      for (int c = next(left--); c != '\n'; c = next(left--)) {
        empty = false;
        if (++notes > MOST_NOTES) {
          return Optional.empty();
        }
      }
      if (left <= 0) {
        return Optional.of(""); // a commit may end where its message would begin
      }
    }
    byte[] message = out.readNBytes((int) Math.min(left, most));
    return Optional.of(new String(message, StandardCharsets.UTF_8));
  }

  private int next(long left) throws IOException {
    int c = left > 0 ? out.read() : -1;
    if (c < 0) {
      throw new GitFailed("cannot " + doing + ": the commit is broken");
    }
    return c;
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int c = out.read(); c != '\n'; c = out.read()) {
      if (c < 0 || line.length() > LONGEST_LINE) {
        throw new GitFailed("cannot " + doing + ": git's answer broke off");
      }
      line.append((char) c);
    }
    return line.toString();
  }
}
