package dev.holdfast.orchestrator.definition;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.LockFile;
import dev.holdfast.model.definition.Problem;
import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.definition.Validation;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One reading of a repository's definitions: collects workflows and errors of all its files. */
final class Reading {
  private static final String LOCK = LockFile.PATH.substring(LockFile.PATH.indexOf('/') + 1);
  private static final String COMPILE = "; run `holdfast compile` and commit";
  private static final int MOST_ERRORS = 50;

  /** A workflow, and the file that it came from. */
  private record Origin(Workflow workflow, String file, Places places) {}

  private final Map<String, byte[]> files;
  private final List<Origin> origins = new ArrayList<>();
  private final List<DefinitionError> errors = new ArrayList<>();
  private Optional<Sources> sources = Optional.empty();
  private boolean present;

  Reading(DefinitionFiles files) {
    this.files = files.files();
    files.refusal().ifPresent(why -> errors.add(new DefinitionError(".holdfast", 0, why)));
    java();
    this.files.forEach((name, bytes) -> {
      if (name.endsWith(".yaml") || name.endsWith(".yml")) {
        present = true;
        yaml(name, bytes);
      }
    });
    if (errors.isEmpty()) {
      together();
    }
  }

  List<DefinitionError> errors() {
    if (errors.size() <= MOST_ERRORS) {
      return List.copyOf(errors);
    }
    var first = new ArrayList<>(errors.subList(0, MOST_ERRORS));
    first.add(
        new DefinitionError(
            ".holdfast", 0, (errors.size() - MOST_ERRORS) + " more errors are not shown"));
    return List.copyOf(first);
  }

  Definitions result() {
    if (!errors.isEmpty()) {
      return new Definitions.Invalid(errors().stream().map(DefinitionError::toString).toList());
    }
    return present
        ? new Definitions.Valid(origins.stream().map(Origin::workflow).toList(), sources)
        : new Definitions.Absent();
  }

  private void java() {
    Optional<Sources> found;
    try {
      found = sources();
    } catch (Refused e) {
      present = true;
      errors.add(new DefinitionError(".holdfast", e.line(), e.reason()));
      return;
    }
    byte[] bytes = files.get(LOCK);
    present |= bytes != null || found.isPresent();
    if (bytes == null) {
      if (found.isPresent()) {
        error(LOCK, "is missing, but .holdfast holds Java sources" + COMPILE);
      }
      return;
    }
    LockFile lock;
    try {
      lock = LockFile.read(bytes);
    } catch (MalformedJson e) {
      error(LOCK, e.path().isEmpty() ? e.reason() : e.path() + ": " + e.reason());
      return;
    }
    if (found.isPresent() && !found.get().digest().equals(lock.sources())) {
      error(LOCK, "does not match its sources" + COMPILE);
    } else if (found.isEmpty()) {
      lock.workflows().forEach(this::refuseCode);
    }
    sources = found;
    var nowhere = new Places();
    lock.workflows().forEach(w -> origins.add(new Origin(w, LOCK, nowhere)));
  }

  private void refuseCode(Workflow workflow) {
    workflow.jobs().stream()
        .filter(Job::hasCode)
        .findFirst()
        .ifPresent(job ->
            error(
                LOCK,
                "workflows["
                    + workflow.name()
                    + "].jobs["
                    + job.name()
                    + "]: has code steps, but .holdfast holds no Java sources; commit them"));
  }

  private Optional<Sources> sources() {
    var texts = new TreeMap<String, String>();
    files.forEach((name, bytes) -> {
      if (name.endsWith(".java")) {
        try {
          texts.put(
              name, StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException e) {
          throw new Refused(
              0, dev.holdfast.model.json.Quote.of(name) + " is not UTF-8 text; save it as UTF-8");
        }
      }
    });
    try {
      return texts.isEmpty() ? Optional.empty() : Optional.of(new Sources(texts));
    } catch (IllegalArgumentException e) {
      throw new Refused(0, String.valueOf(e.getMessage()));
    }
  }

  private void yaml(String file, byte[] bytes) {
    var places = new Places();
    try {
      String name = file.substring(0, file.lastIndexOf('.'));
      var json = new FriendlyForm(places).workflow(YamlText.parse(bytes), name);
      origins.add(new Origin(Records.decode(Workflow.class, json), file, places));
    } catch (Refused e) {
      errors.add(DefinitionError.of(file, e.line(), e.reason()));
    } catch (MalformedJson e) {
      String spoken = places.spoken(e.path());
      errors.add(
          DefinitionError.of(
              file,
              places.line(e.path()),
              spoken.isEmpty() ? e.reason() : spoken + ": " + e.reason()));
    }
  }

  /** The rules that hold over all workflows of all files. */
  private void together() {
    var all = origins.stream().map(Origin::workflow).toList();
    Validation.problems(all).forEach(this::report);
    Schedules.problems(all).forEach(this::report);
  }

  private void report(Problem problem) {
    Origin origin = origin(problem);
    if (origin == null) {
      errors.add(new DefinitionError(".holdfast", 0, problem.path() + ": " + problem.message()));
      return;
    }
    String prefix = "workflows[" + origin.workflow().name() + "]";
    String path = problem.path().substring(prefix.length());
    path = path.startsWith(".") ? path.substring(1) : path;
    boolean lock = origin.file().equals(LOCK);
    String spoken = lock ? problem.path() : origin.places().spoken(path);
    errors.add(
        DefinitionError.of(
            origin.file(),
            origin.places().line(path),
            spoken.isEmpty() ? problem.message() : spoken + ": " + problem.message()));
  }

  private @org.jspecify.annotations.Nullable Origin origin(Problem problem) {
    Origin last = null;
    for (Origin origin : origins) {
      String prefix = "workflows[" + origin.workflow().name() + "]";
      if (problem.path().equals(prefix) || problem.path().startsWith(prefix + ".")) {
        var own = List.of(origin.workflow());
        if (Validation.problems(own).contains(problem)
            || Schedules.problems(own).contains(problem)) {
          return origin;
        }
        // Two workflows of one name: the later file is the one to change.
        last = origin;
      }
    }
    return last;
  }

  private void error(String file, String message) {
    errors.add(DefinitionError.of(file, 0, message));
  }
}
