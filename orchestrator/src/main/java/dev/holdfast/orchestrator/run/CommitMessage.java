package dev.holdfast.orchestrator.run;

import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.util.Optional;

/**
 * What the author of a commit wrote of it. Somebody's text: it is shown, and nothing is decided by
 * it.
 *
 * @param subject its first line, without what a forge would cut off
 * @param body the rest; often empty
 */
public record CommitMessage(String subject, String body) {
  static final int MOST_SUBJECT = 500;
  static final int MOST_BODY = 8000;

  /** The message {@code text}, as much of it as is kept; empty if it says nothing. */
  public static Optional<CommitMessage> of(String text) {
    // Zero bytes are no text to every database.
    String said = text.replace('\0', '\u2400').strip();
    if (said.isEmpty()) {
      return Optional.empty();
    }
    int end = said.indexOf('\n');
    String subject = end < 0 ? said : said.substring(0, end);
    String body = end < 0 ? "" : said.substring(end + 1).strip();
    return Optional.of(new CommitMessage(cut(subject.strip(), MOST_SUBJECT), cut(body, MOST_BODY)));
  }

  private static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(most - 2)) ? most - 2 : most - 1;
    return text.substring(0, end) + "\u2026";
  }

  /** Keeps it, once for each commit of a repository. */
  public void keep(Session session, String repository, String commit) throws SQLException {
    session.update(
        "INSERT INTO commit_message (repository_id, commit_id, subject, body) VALUES (?, ?, ?, ?)"
            + " ON CONFLICT (repository_id, commit_id) DO NOTHING",
        repository,
        commit,
        subject,
        body);
  }

  /** Of the commit of {@code run}; empty where it could not be read, or nobody kept it then. */
  public static Optional<CommitMessage> of(Session session, Run run) throws SQLException {
    return session.first(
        "SELECT subject, body FROM commit_message WHERE repository_id = ? AND commit_id = ?",
        row -> new CommitMessage(row.text("subject"), row.text("body")),
        run.repository(),
        run.commit());
  }
}
