package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.audit.Kept;
import dev.holdfast.model.audit.Verification;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.Records;
import dev.holdfast.orchestrator.audit.AuditLog;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.web.AuditView;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Http;
import dev.holdfast.orchestrator.web.Problem;
import dev.holdfast.orchestrator.web.Router;
import dev.holdfast.orchestrator.web.WebServer;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is on record: looked through, checked, and taken along. */
final class AuditPage {
  static final String PATH = Settings.PATH + "/audit";
  private static final Logger LOG = LoggerFactory.getLogger(AuditPage.class);
  private static final List<String> FILTERS = List.of("who", "what", "on", "since");
  private static final int ON_A_PAGE = 50;
  private static final int AT_ONCE = 1000;

  private final Gate gate;
  private final Database database;
  private final Repositories repositories;
  private final AuditView audit;
  private final WebServer.AuditCheck check;

  /** To go through all of it takes long, and twice at once takes longer. */
  private final ReentrantLock checking = new ReentrantLock();

  AuditPage(
      Gate gate,
      Database database,
      Repositories repositories,
      AuditView audit,
      WebServer.AuditCheck check) {
    this.gate = gate;
    this.database = database;
    this.repositories = repositories;
    this.audit = audit;
    this.check = check;
  }

  /** Something that is asked of it often. */
  record Question(String words, String what) {
    private static final List<Question> ALL =
        List.of(
            new Question("Who released what", "hold.approve"),
            new Question("What waited, and why", "hold.place"),
            new Question("Which secrets went where", "secret.deliver"),
            new Question("Who may do what", "grant"),
            new Question("Which policies changed", "policy"),
            new Question("Who asked for what they may not", "call"));

    String way() {
      return PATH + "?what=" + what;
    }
  }

  /**
   * An entry, with the names that people use.
   *
   * @param way to what it is about, where that has a page
   */
  record Line(AuditView.Shown entry, String subject, List<String> reasons, Optional<String> way) {
    /** The colour and sign, in the words of runs. */
    String kind() {
      return entry.outcome().equals("done") ? "succeeded" : "failed";
    }
  }

  /**
   * @param checked what was just found
   * @param unchecked why nothing could be checked
   */
  record View(
      Map<String, String> given,
      List<Line> lines,
      Optional<String> older,
      String export,
      Optional<Verification.Result> checked,
      Optional<String> unchecked,
      Instant now) {
    String of(String filter) {
      return given.getOrDefault(filter, "");
    }

    List<Question> questions() {
      return Question.ALL;
    }
  }

  void on(Router router) {
    var needs = Permission.READ_AUDIT;
    router.installation(needs, HandlerType.GET, PATH, this::show);
    router.installation(needs, HandlerType.POST, PATH + "/verify", this::verify);
    router.installation(needs, HandlerType.GET, PATH + "/export", this::export);
  }

  private void show(Context ctx) {
    show(ctx, 200, Optional.empty(), Optional.empty());
  }

  private void show(
      Context ctx, int status, Optional<Verification.Result> checked, Optional<String> unchecked) {
    var given = new LinkedHashMap<String, String>();
    FILTERS.forEach(name -> Http.query(ctx, name).ifPresent(value -> given.put(name, value)));
    long before = Http.number(ctx, "before", 1, Long.MAX_VALUE, Long.MAX_VALUE);
    AuditLog.Asked asked = audit.asked(ctx, 0, ON_A_PAGE + 1);
    List<Kept> found = database.read(s -> AuditLog.newest(s, asked, before));
    boolean more = found.size() > ON_A_PAGE;
    List<Line> lines =
        (more ? found.subList(0, ON_A_PAGE) : found).stream().map(this::line).toList();
    var view =
        new View(
            given,
            lines,
            more
                ? Optional.of(way(PATH, given, Optional.of(lines.getLast().entry().number())))
                : Optional.empty(),
            way(PATH + "/export", given, Optional.empty()),
            checked,
            unchecked,
            Router.asked(ctx).orElseThrow());
    Html.answer(
        ctx,
        status,
        (out, none) ->
            JteauditGenerated.render(out, none, Settings.of(ctx, "Audit log", "audit"), view));
  }

  private static String way(String path, Map<String, String> given, Optional<Long> before) {
    var all = new LinkedHashMap<>(given);
    before.ifPresent(number -> all.put("before", Long.toString(number)));
    String query =
        all.entrySet().stream()
            .map(e -> e.getKey() + "=" + Place.encoded(e.getValue()))
            .collect(Collectors.joining("&"));
    return query.isEmpty() ? path : path + "?" + query;
  }

  private Line line(Kept kept) {
    AuditView.Shown entry = audit.shown(kept);
    String subject = entry.subject();
    Optional<String> way =
        subject.matches("run_[0-9a-z]+")
            ? Optional.of("/runs/" + subject)
            : subject.matches("hold_[0-9a-z]+")
                ? Optional.of("/holds/" + subject)
                : Optional.empty();
    return new Line(entry, named(subject), entry.reasons().stream().map(this::named).toList(), way);
  }

  private String named(String line) {
    return HoldWords.named(
        line,
        gate::nameOf,
        id -> repositories.byId(id).map(Repository::name).map(Object::toString).orElse(id));
  }

  private void verify(Context ctx) {
    if (!checking.tryLock()) {
      throw new Problem(409, "somebody has the log checked at this moment; try again in a while");
    }
    try {
      show(ctx, 200, Optional.of(check.result()), Optional.empty());
    } catch (IOException e) {
      LOG.warn("the audit log was not checked: {}", e.getMessage());
      show(ctx, 503, Optional.empty(), Optional.of(String.valueOf(e.getMessage())));
    } finally {
      checking.unlock();
    }
  }

  /** All that is asked for as JSON, one entry a line, oldest first: what the command prints. */
  private void export(Context ctx) {
    long end =
        database.read(s -> AuditLog.newest(s, audit.asked(ctx, 0, 1), Long.MAX_VALUE)).stream()
            .findFirst()
            .map(kept -> kept.entry().number())
            .orElse(0L);
    Html.headers(ctx);
    ctx.header("Cache-Control", "no-store")
        .header("Content-Disposition", "attachment; filename=\"audit.jsonl\"")
        .contentType("application/x-ndjson");
    try {
      OutputStream out = ctx.res().getOutputStream();
      // What comes meanwhile is of the next export, so that this one ends.
      for (long after = 0; after < end; ) {
        AuditLog.Asked asked = audit.asked(ctx, after, AT_ONCE);
        List<Kept> piece = database.read(s -> AuditLog.find(s, asked));
        for (Kept kept : piece) {
          if (kept.entry().number() <= end) {
            out.write(line(audit.shown(kept)));
          }
        }
        after = piece.isEmpty() ? end : piece.getLast().entry().number();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the browser went away before it had all of it", e);
    }
  }

  private static byte[] line(AuditView.Shown entry) {
    String json = Records.write(AuditView.Shown.class, entry);
    return (JsonText.compact(JsonText.parse(json)) + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
