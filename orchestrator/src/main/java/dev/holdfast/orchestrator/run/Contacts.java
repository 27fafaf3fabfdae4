package dev.holdfast.orchestrator.run;

import dev.holdfast.model.wire.agent.Contact;
import dev.holdfast.orchestrator.db.Row;
import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.util.List;

/** What attempts reached, or tried to. */
public final class Contacts {
  private Contacts() {}

  static void keep(Session session, String attempt, List<Contact> contacts) throws SQLException {
    for (Contact contact : contacts) {
      session.update(
          "INSERT INTO contact (attempt_id, protocol, address, port, allowed, name, packets, bytes)"
              + " SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM contact WHERE attempt_id"
              + " = ?) < ? ON CONFLICT (attempt_id, protocol, address, port, allowed) DO UPDATE SET"
              + " name = excluded.name, packets = excluded.packets, bytes = excluded.bytes",
          attempt,
          contact.protocol(),
          contact.address(),
          contact.port(),
          contact.allowed(),
          contact.name(),
          contact.packets(),
          contact.bytes(),
          attempt,
          Contact.MOST);
    }
  }

  /** Of one attempt; refused ones first, then the busiest. */
  public static List<Contact> of(Session session, String attempt) throws SQLException {
    return session.list(
        "SELECT * FROM contact WHERE attempt_id = ? ORDER BY allowed, packets DESC, address, port",
        Contacts::contact,
        attempt);
  }

  /** Of the last {@code attempts} attempts of a repository, added up by destination. */
  public static List<Contact> ofRepository(Session session, String repository, long attempts)
      throws SQLException {
    return session.list(
        "SELECT protocol, address, port, allowed, max(name) AS name, sum(packets) AS packets,"
            + " sum(bytes) AS bytes FROM contact WHERE attempt_id IN (SELECT attempt.id FROM attempt"
            + " JOIN run ON run.id = attempt.run_id WHERE run.repository_id = ? ORDER BY attempt.id"
            + " DESC LIMIT ?) GROUP BY protocol, address, port, allowed ORDER BY allowed, packets"
            + " DESC, address, port LIMIT 10000",
        Contacts::contact,
        repository,
        attempts);
  }

  private static Contact contact(Row row) throws SQLException {
    return new Contact(
        row.text("address"),
        row.maybeText("name"),
        row.text("protocol"),
        (int) row.number("port"),
        row.number("packets"),
        row.number("bytes"),
        row.flag("allowed"));
  }
}
