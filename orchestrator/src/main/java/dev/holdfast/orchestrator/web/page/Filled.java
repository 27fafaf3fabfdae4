package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.definition.Name;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.web.Problem;
import dev.holdfast.orchestrator.web.Told;
import io.javalin.http.Context;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A form as it was sent, to be shown again beside why it was refused. What is secret is never in
 * it.
 *
 * @param given by field
 */
record Filled(Map<String, String> given, Optional<Problem> problem) {
  static final Filled NOTHING = new Filled(Map.of(), Optional.empty());

  /** What is done by a form. */
  @FunctionalInterface
  interface Doing {
    void run() throws ForgeUnavailable;
  }

  /**
   * Does it; if it is refused, answers the form as it was sent, with why.
   *
   * @param fields those that may be shown again
   */
  static Optional<Filled> tried(Context ctx, Doing doing, String... fields) {
    try {
      doing.run();
      return Optional.empty();
    } catch (ForgeUnavailable e) {
      return Optional.of(refused(ctx, Told.of(e).orElseThrow(), fields));
    } catch (RuntimeException e) {
      return Optional.of(refused(ctx, Told.of(e).orElseThrow(() -> e), fields));
    }
  }

  private static Filled refused(Context ctx, Problem problem, String... fields) {
    var given = new LinkedHashMap<String, String>();
    for (String field : fields) {
      given.put(field, text(ctx, field).orElse(""));
    }
    return new Filled(given, Optional.of(problem));
  }

  /** What a field holds, if anything. */
  static Optional<String> text(Context ctx, String field) {
    return Optional.ofNullable(ctx.formParam(field))
        .map(String::strip)
        .filter(text -> !text.isEmpty());
  }

  /** The same of a field that has to hold something. */
  static String needed(Context ctx, String field) {
    return text(ctx, field).orElseThrow(() -> new Problem(400, field + ": fill this in"));
  }

  /** That a box was ticked which says so, for what cannot be undone. */
  static void sure(Context ctx) {
    if (!text(ctx, "sure").equals(Optional.of("yes"))) {
      throw new Problem(400, "say that you are sure, by the box beside the button");
    }
  }

  /** A name in a field, if there is one. */
  static Optional<Name> name(Context ctx, String field) {
    Optional<String> text = text(ctx, field);
    try {
      return text.map(Name::new);
    } catch (IllegalArgumentException e) {
      throw new Problem(400, field + ": " + e.getMessage());
    }
  }

  /** The same of a field that has to hold one. */
  static Name neededName(Context ctx, String field) {
    return name(ctx, field).orElseThrow(() -> new Problem(400, field + ": fill this in"));
  }

  String of(String field) {
    return of(field, "");
  }

  String of(String field, String initial) {
    return given.getOrDefault(field, initial);
  }

  /** Why it was refused, if that is by this field. */
  Optional<String> wrong(String field) {
    String mark = field + ": ";
    return problem
        .map(p -> String.valueOf(p.getMessage()))
        .filter(text -> text.startsWith(mark))
        .map(text -> text.substring(mark.length()));
  }

  /** Why it was refused, if that is by none of these fields. */
  Optional<String> wrongBut(String... fields) {
    for (String field : fields) {
      if (wrong(field).isPresent()) {
        return Optional.empty();
      }
    }
    return problem.map(p -> String.valueOf(p.getMessage()));
  }

  int status() {
    return problem.map(Problem::status).orElse(200);
  }
}
