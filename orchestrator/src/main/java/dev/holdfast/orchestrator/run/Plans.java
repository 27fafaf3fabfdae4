package dev.holdfast.orchestrator.run;

import dev.holdfast.model.approval.Definition;
import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Plans and sources, kept once by the hash of their text however many runs share them, with those
 * in use kept parsed. Thread-safe.
 */
public final class Plans {
  // A few hundred plans are in use at a time; what is dropped is read again.
  private static final int MOST_KEPT = 500;

  private final ConcurrentHashMap<String, List<PlannedJob>> plans = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Sources> sources = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Definition> definitions = new ConcurrentHashMap<>();

  /** A text and its hash. */
  public record Document(String digest, String body) {
    static Document of(String body) {
      return new Document(Sha256.hex(body), body);
    }
  }

  public static Document document(List<PlannedJob> jobs) {
    return Document.of(
        JsonText.compact(
            new Json.Arr(jobs.stream().map(j -> Records.encode(PlannedJob.class, j)).toList())));
  }

  public static Document document(Sources sources) {
    return Document.of(Records.write(Sources.class, sources));
  }

  void put(Session session, Document document) throws SQLException {
    session.update(
        "INSERT INTO document (digest, body) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING",
        document.digest(),
        document.body());
  }

  public List<PlannedJob> plan(Session session, String digest) throws SQLException {
    List<PlannedJob> known = plans.get(digest);
    if (known == null) {
      var read = new ArrayList<PlannedJob>();
      if (JsonText.parse(body(session, digest)) instanceof Json.Arr(var items)) {
        items.forEach(item -> read.add(Records.decode(PlannedJob.class, item)));
      }
      known = List.copyOf(read);
      if (plans.size() >= MOST_KEPT) {
        plans.clear();
      }
      plans.put(digest, known);
    }
    return known;
  }

  /** The hashes of a plan's jobs and of its sources. */
  Definition definition(Session session, String plan, Optional<String> sources)
      throws SQLException {
    String key = plan + sources.orElse("");
    Definition known = definitions.get(key);
    if (known == null) {
      known =
          Definition.of(
              plan(session, plan),
              sources.isPresent()
                  ? Optional.of(sources(session, sources.get()))
                  : Optional.empty());
      if (definitions.size() >= MOST_KEPT) {
        definitions.clear();
      }
      definitions.put(key, known);
    }
    return known;
  }

  public Sources sources(Session session, String digest) throws SQLException {
    Sources known = sources.get(digest);
    if (known == null) {
      known = Records.read(Sources.class, body(session, digest));
      if (sources.size() >= MOST_KEPT / 10) {
        sources.clear();
      }
      sources.put(digest, known);
    }
    return known;
  }

  private static String body(Session session, String digest) throws SQLException {
    return session
        .first("SELECT body FROM document WHERE digest = ?", row -> row.text("body"), digest)
        .orElseThrow(() -> new SQLException("the document " + digest + " is missing"));
  }
}
