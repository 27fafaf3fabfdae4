package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.wire.agent.Contact;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Ids;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Http;
import dev.holdfast.orchestrator.web.Problem;
import dev.holdfast.orchestrator.web.Router;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the jobs of repositories talk to, over time. */
final class EgressPage {
  static final int DAYS = 14;
  private static final int MOST_ATTEMPTS = 2000;
  private static final int MOST_LINES = 500;

  /** The attempts that are looked at: the newest of these days. */
  private static final String ATTEMPTS =
      "(SELECT attempt.id, attempt.leased_at FROM run JOIN attempt ON attempt.run_id = run.id WHERE"
          + " run.repository_id = ? AND run.id >= ? ORDER BY run.id DESC, attempt.id DESC LIMIT "
          + MOST_ATTEMPTS
          + ")";

  private final Gate gate;
  private final Database database;
  private final Repositories repositories;
  private final InstantSource clock;

  EgressPage(Gate gate, Database database, Repositories repositories, InstantSource clock) {
    this.gate = gate;
    this.database = database;
    this.repositories = repositories;
    this.clock = clock;
  }

  /**
   * A destination.
   *
   * @param address one of those that the name led to
   * @param addresses how many these are
   * @param attempts in how many it was tried
   * @param fresh whether nothing before the last day tried it
   */
  record Line(
      Optional<String> name,
      String address,
      long addresses,
      String protocol,
      int port,
      boolean allowed,
      long attempts,
      long packets,
      long bytes,
      Instant first,
      Instant last,
      boolean fresh) {
    String where() {
      return name.orElse(address);
    }

    /** As rules write it. */
    String how() {
      return port == 0 ? protocol : port + "/" + protocol;
    }
  }

  /** How many attempts tried what, on a day; a bar is up to a hundred high. */
  record Day(String label, long allowed, long refused, int allowedPart, int refusedPart) {}

  record View(
      String repository,
      List<Line> refused,
      List<Line> allowed,
      List<Day> days,
      long attempts,
      boolean all,
      String proposal,
      int rules,
      Instant now) {}

  /** A repository with what its jobs tried lately. */
  record Row(String repository, long allowed, long refused, long attempts) {}

  record Index(List<Row> rows, Instant now) {}

  void on(Router router) {
    router.somewhere(Permission.VIEW, HandlerType.GET, "/egress", this::index);
    router.repository(Permission.VIEW, HandlerType.GET, "/repositories/{name}/egress", this::show);
  }

  private void index(Context ctx) {
    List<Repository> seen = gate.among(ctx, Permission.VIEW, repositories.list());
    Index index =
        database.read(s -> {
          var rows = new ArrayList<Row>();
          for (Repository repository : seen) {
            rows.add(row(s, repository));
          }
          return new Index(rows, clock.instant());
        });
    Html.answer(
        ctx, (out, none) -> JteegressesGenerated.render(out, none, Shell.of(ctx, "Egress"), index));
  }

  private Row row(Session s, Repository repository) throws SQLException {
    return s.first(
            "SELECT (SELECT count(*) FROM "
                + ATTEMPTS
                + " AS a) AS attempts, (SELECT count(*) FROM (SELECT DISTINCT coalesce(contact.name,"
                + " contact.address) AS target, protocol, port FROM "
                + ATTEMPTS
                + " AS b JOIN contact ON contact.attempt_id = b.id WHERE allowed = 1) AS c) AS"
                + " allowed, (SELECT count(*) FROM (SELECT DISTINCT coalesce(contact.name,"
                + " contact.address) AS target, protocol, port FROM "
                + ATTEMPTS
                + " AS d JOIN contact ON contact.attempt_id = d.id WHERE allowed = 0) AS e) AS"
                + " refused",
            row ->
                new Row(
                    repository.name().value(),
                    row.number("allowed"),
                    row.number("refused"),
                    row.number("attempts")),
            repository.id(),
            since(),
            repository.id(),
            since(),
            repository.id(),
            since())
        .orElseThrow();
  }

  private String since() {
    return Ids.since(
        "run", clock.instant().truncatedTo(ChronoUnit.DAYS).minus(DAYS - 1L, ChronoUnit.DAYS));
  }

  private void show(Context ctx) {
    var name = Http.name(ctx);
    Repository repository =
        repositories
            .byName(name)
            .orElseThrow(() -> new Problem(404, "there is no repository " + name));
    View view = database.read(s -> view(s, repository));
    Html.answer(
        ctx,
        (out, none) ->
            JteegressGenerated.render(out, none, Shell.of(ctx, "Egress of " + name.value()), view));
  }

  View view(Session s, Repository repository) throws SQLException {
    Instant now = clock.instant();
    List<Line> lines =
        s.list(
            "SELECT contact.name, min(contact.address) AS address, count(DISTINCT contact.address)"
                + " AS addresses, protocol, port, allowed, count(DISTINCT a.id) AS attempts,"
                + " sum(packets) AS packets, sum(bytes) AS bytes, min(a.leased_at) AS first_at,"
                + " max(a.leased_at) AS last_at FROM "
                + ATTEMPTS
                + " AS a JOIN contact ON contact.attempt_id = a.id GROUP BY coalesce(contact.name,"
                + " contact.address), protocol, port, allowed ORDER BY allowed, attempts DESC,"
                + " packets DESC, address, port LIMIT ?",
            row ->
                new Line(
                    row.maybeText("name"),
                    row.text("address"),
                    row.number("addresses"),
                    row.text("protocol"),
                    (int) row.number("port"),
                    row.flag("allowed"),
                    row.number("attempts"),
                    row.number("packets"),
                    row.number("bytes"),
                    row.time("first_at"),
                    row.time("last_at"),
                    row.time("first_at").isAfter(now.minus(1, ChronoUnit.DAYS))),
            repository.id(),
            since(),
            MOST_LINES + 1);
    long attempts =
        s.first(
                "SELECT count(*) AS n FROM " + ATTEMPTS + " AS a",
                row -> row.number("n"),
                repository.id(),
                since())
            .orElse(0L);
    List<EgressProposal.Rule> rules =
        EgressProposal.of(
            s.list(
                "SELECT contact.* FROM "
                    + ATTEMPTS
                    + " AS a JOIN contact ON contact.attempt_id = a.id WHERE allowed = 1 LIMIT"
                    + " 100000",
                row ->
                    new Contact(
                        row.text("address"),
                        row.maybeText("name"),
                        row.text("protocol"),
                        (int) row.number("port"),
                        row.number("packets"),
                        row.number("bytes"),
                        true),
                repository.id(),
                since()));
    List<Line> shown = lines.subList(0, Math.min(MOST_LINES, lines.size()));
    return new View(
        repository.name().value(),
        shown.stream().filter(line -> !line.allowed()).toList(),
        shown.stream().filter(Line::allowed).toList(),
        days(s, repository, now),
        attempts,
        lines.size() <= MOST_LINES && attempts < MOST_ATTEMPTS,
        EgressProposal.yaml(repository.name().value(), rules),
        rules.size(),
        now);
  }

  private List<Day> days(Session s, Repository repository, Instant now) throws SQLException {
    long day = ChronoUnit.DAYS.getDuration().toMillis();
    Map<Long, long[]> counts = new HashMap<>();
    s.list(
        "SELECT a.leased_at / "
            + day
            + " AS day, contact.allowed, count(DISTINCT coalesce(contact.name, contact.address) ||"
            + " ' ' || protocol || ' ' || port) AS n FROM "
            + ATTEMPTS
            + " AS a JOIN contact ON contact.attempt_id = a.id GROUP BY day, contact.allowed",
        row -> {
          counts.computeIfAbsent(row.number("day"), _ -> new long[2])[row.flag("allowed") ? 1 : 0] =
              row.number("n");
          return 1;
        },
        repository.id(),
        since());
    long most =
        Math.max(1, counts.values().stream().mapToLong(both -> both[0] + both[1]).max().orElse(1));
    var days = new ArrayList<Day>();
    Instant first = now.truncatedTo(ChronoUnit.DAYS).minus(DAYS - 1L, ChronoUnit.DAYS);
    for (int i = 0; i < DAYS; i++) {
      Instant at = first.plus(i, ChronoUnit.DAYS);
      long[] both = counts.getOrDefault(at.toEpochMilli() / day, new long[2]);
      days.add(
          new Day(
              Figures.day(at),
              both[1],
              both[0],
              (int) (both[1] * 100 / most),
              (int) (both[0] * 100 / most)));
    }
    return days;
  }
}
