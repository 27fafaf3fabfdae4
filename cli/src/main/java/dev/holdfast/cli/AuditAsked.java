package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Fields;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is looked for in the audit log. */
final class AuditAsked {
  private static final int PAGE = 1000;

  @Option(names = "--who", paramLabel = "NAME", description = "Only what this user did.")
  @Nullable String who;

  @Option(
      names = "--what",
      paramLabel = "ACTION",
      description = "Only this, as hold.approve; or all of hold.")
  @Nullable String what;

  @Option(
      names = "--on",
      paramLabel = "ID",
      description = "Only what was done to this; for a run also to its holds.")
  @Nullable String on;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "Nothing older, as 2026-01-31T00:00:00Z.")
  @Nullable String since;

  /** Gives every entry that is looked for to {@code each}, oldest first. */
  void each(Api api, Consumer<Fields> each) {
    long after = 0;
    List<Fields> page;
    do {
      page = page(api, after);
      for (Fields entry : page) {
        each.accept(entry);
        after = entry.number("number", after);
      }
    } while (page.size() == PAGE);
  }

  private List<Fields> page(Api api, long after) {
    var query = new LinkedHashMap<String, Optional<String>>();
    query.put("who", Optional.ofNullable(who));
    query.put("what", Optional.ofNullable(what));
    query.put("on", Optional.ofNullable(on));
    query.put("since", Optional.ofNullable(since));
    query.put("after", Optional.of(Long.toString(after)));
    query.put("limit", Optional.of(Integer.toString(PAGE)));
    return api.get("/api/v1/audit" + Api.query(query)).list("entries");
  }
}
