package dev.holdfast.model.definition;

import dev.holdfast.model.json.Quote;
import dev.holdfast.model.secret.SecretName;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** The rules for secrets that one job puts out and another is given. */
final class SecretOutputs {
  private SecretOutputs() {}

  static void problems(
      Job job, Map<Name, Job> jobs, String path, BiConsumer<String, String> problem) {
    for (Step step : job.steps()) {
      for (SecretName name : step.secretNames().stream().sorted().toList()) {
        name.output()
            .flatMap(output -> wrong(job, output, jobs))
            .ifPresent(why ->
                problem.accept(
                    path + ".steps[" + step.name() + "]",
                    "the step "
                        + Quote.of(step.name())
                        + " of job "
                        + job.name()
                        + " names the secret "
                        + name
                        + ", "
                        + why));
      }
    }
  }

  private static Optional<String> wrong(Job job, SecretName.Output output, Map<Name, Job> jobs) {
    var named = new Name(output.job());
    if (!job.needs().contains(named)) {
      return Optional.of("and its job does not need the job " + named + "; add it to needs");
    }
    Job other = jobs.get(named);
    if (other == null) {
      // That it needs what is not there is said elsewhere.
      return Optional.empty();
    }
    if (!other.secretOutputs().contains(new Name(output.name()))) {
      return Optional.of(
          "and no step of the job "
              + named
              + " says that its output "
              + output.name()
              + " is secret; add it to secret-outputs of the step that puts it out");
    }
    return other.matrix().isEmpty()
        ? Optional.empty()
        : Optional.of(
            "and the job "
                + named
                + " has a matrix, whose jobs would each put out one; put it out in a job without");
  }
}
