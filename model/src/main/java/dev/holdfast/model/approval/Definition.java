package dev.holdfast.model.approval;

import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.plan.PlannedJob;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a run would do, as hashes: so that who has one of its jobs can tell whether that job belongs
 * to what was approved, without having the others.
 *
 * @param jobs the hash of each planned job, in the order of the plan, 64 hex digits each
 * @param sources the hash of the Java sources, if there are any
 */
public record Definition(List<String> jobs, Optional<String> sources) {
  private static final String WHAT = "holdfast definition 1";

  public Definition {
    jobs = List.copyOf(jobs);
  }

  /** Of these jobs and sources. */
  public static Definition of(List<PlannedJob> jobs, Optional<Sources> sources) {
    return new Definition(
        jobs.stream().map(Definition::hash).toList(), sources.map(Definition::hash));
  }

  /** The hash of a job. */
  public static String hash(PlannedJob job) {
    return hash(Records.encode(PlannedJob.class, job));
  }

  /** The hash of sources. */
  public static String hash(Sources sources) {
    return hash(Records.encode(Sources.class, sources));
  }

  /** The hash of a document, in whatever order its fields stand. */
  public static String hash(Json json) {
    return Sha256.hex(JsonText.compact(ordered(json)));
  }

  private static Json ordered(Json json) {
    return switch (json) {
      case Json.Obj(var fields) -> {
        var sorted = new LinkedHashMap<String, Json>();
        fields.keySet().stream()
            .sorted()
            .forEach(name -> sorted.put(name, ordered(Objects.requireNonNull(fields.get(name)))));
        yield new Json.Obj(sorted);
      }
      case Json.Arr(var items) -> new Json.Arr(items.stream().map(Definition::ordered).toList());
      default -> json;
    };
  }

  /** All of it as one. */
  public Digest digest() {
    return new Digest(
        "sha256:"
            + Sha256.hex(
                WHAT + "\n" + String.join("\n", jobs) + "\nsources " + sources.orElse("none")));
  }

  /** Why a job with these sources is not of this definition; empty if it is. */
  public Optional<String> mismatch(PlannedJob job, Optional<Sources> with) {
    if (!jobs.contains(hash(job))) {
      return Optional.of("the job " + job.key() + " is not one of the definition's");
    }
    if (with.isPresent() && !sources.equals(with.map(Definition::hash))) {
      return Optional.of("its Java sources are not the definition's");
    }
    return Optional.empty();
  }
}
