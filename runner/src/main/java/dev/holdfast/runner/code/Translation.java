package dev.holdfast.runner.code;

import dev.holdfast.model.definition.Artifacts;
import dev.holdfast.model.definition.Audience;
import dev.holdfast.model.definition.Cache;
import dev.holdfast.model.definition.EnvironmentPattern;
import dev.holdfast.model.definition.Input;
import dev.holdfast.model.definition.InputKind;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.JobApproval;
import dev.holdfast.model.definition.JobCaches;
import dev.holdfast.model.definition.JobUser;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Phase;
import dev.holdfast.model.definition.Problem;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.definition.Service;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.TimeLimit;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Validation;
import dev.holdfast.model.definition.When;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.wire.channel.FromRunner.Diagnostic;
import dev.holdfast.model.wire.channel.FromRunner.Origin;
import dev.holdfast.sdk.Code;
import dev.holdfast.sdk.Command;
import dev.holdfast.sdk.Manual;
import dev.holdfast.sdk.Place;
import dev.holdfast.sdk.PullRequest;
import dev.holdfast.sdk.Push;
import dev.holdfast.sdk.Schedule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * From what the author wrote with the SDK to the model's definitions, by the model's rules: what it
 * refuses is an error at the line of the nearest part that has one.
 */
final class Translation {
  private final List<Workflow> workflows = new ArrayList<>();
  private final List<Origin> origins = new ArrayList<>();
  private final List<Diagnostic> diagnostics = new ArrayList<>();

  /** Something of the author's that the model refuses; its diagnostic is already noted. */
  private static final class RefusedPart extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedPart(Throwable cause) {
      super(cause);
    }
  }

  static Translation of(List<dev.holdfast.sdk.Workflow> written) {
    var translation = new Translation();
    for (var workflow : written) {
      try {
        translation.workflows.add(translation.workflow(workflow.parts()));
      } catch (RefusedPart e) {
        // Its diagnostic says all; the other workflows may have more to say.
      }
    }
    for (Problem problem : Validation.problems(translation.workflows)) {
      Place place = translation.nearest(problem.path());
      translation.diagnostics.add(new Diagnostic(place.file(), place.line(), problem.message()));
    }
    return translation;
  }

  /** Those that the model takes, in the order in which they were written. */
  List<Workflow> workflows() {
    return List.copyOf(workflows);
  }

  /** Where each part was written. */
  List<Origin> origins() {
    return List.copyOf(origins);
  }

  /** What is wrong; empty if all is well. */
  List<Diagnostic> diagnostics() {
    return List.copyOf(diagnostics);
  }

  private Workflow workflow(dev.holdfast.sdk.Workflow.Parts written) {
    String path = "workflows[" + written.name() + "]";
    origin(path, written.place());
    Name name = at(written.place(), () -> new Name(written.name()));
    var triggers = new ArrayList<Trigger>();
    var jobs = new ArrayList<Job>();
    Optional<RefusedPart> refused = Optional.empty();
    for (int i = 0; i < written.on().size(); i++) {
      try {
        triggers.add(trigger(written.on().get(i), path + ".on[" + i + "]"));
      } catch (RefusedPart e) {
        refused = Optional.of(e);
      }
    }
    for (var job : written.jobs()) {
      try {
        jobs.add(job(job.parts(), path));
      } catch (RefusedPart e) {
        refused = Optional.of(e);
      }
    }
    if (refused.isPresent()) {
      throw refused.get();
    }
    return at(written.place(), () -> new Workflow(name, List.copyOf(triggers), List.copyOf(jobs)));
  }

  private Trigger trigger(dev.holdfast.sdk.Trigger written, String path) {
    origin(path, written.place());
    return at(
        written.place(),
        () ->
            switch (written) {
              case Push push -> {
                var p = push.parts();
                yield new Trigger.Push(p.branches(), p.tags(), p.paths());
              }
              case PullRequest pull -> {
                var p = pull.parts();
                var actions =
                    p.actions().stream().map(a -> PullRequestAction.valueOf(a.name())).toList();
                yield new Trigger.PullRequest(p.branches(), actions, p.paths());
              }
              case Manual manual ->
                  new Trigger.Manual(manual.parts().inputs().stream().map(this::input).toList());
              case Schedule schedule -> new Trigger.Schedule(schedule.cron());
            });
  }

  private Input input(dev.holdfast.sdk.Input written) {
    var p = written.parts();
    return at(
        p.place(),
        () ->
            new Input(
                new Name(p.name()),
                InputKind.valueOf(p.kind().name()),
                p.description(),
                p.initial(),
                p.choices()));
  }

  private Job job(dev.holdfast.sdk.Job.Parts written, String workflow) {
    String path = workflow + ".jobs[" + written.name() + "]";
    origin(path, written.place());
    var needs = new ArrayList<Name>();
    for (var need : written.needs()) {
      origin(path + ".needs[" + needs.size() + "]", need.place());
      needs.add(at(need.place(), () -> new Name(need.job())));
    }
    var steps = new ArrayList<Step>();
    for (var step : written.steps()) {
      origin(path + ".steps[" + step.name() + "]", step.place());
      steps.add(at(step.place(), () -> step(step)));
    }
    var services = new ArrayList<Service>();
    for (var service : written.services()) {
      Place place = service.parts().place();
      origin(path + ".services[" + service.parts().name() + "]", place);
      services.add(at(place, () -> service(service.parts())));
    }
    var kept = new KeptTranslation(written);
    List<Cache> caches = kept.caches(this::at);
    Optional<Artifacts> artifacts = kept.artifacts(this::at, Translation::when);
    written.caches().forEach(cache -> origin(path + ".cache", cache.parts().place()));
    written.uploads().forEach(upload -> origin(path + ".artifacts", upload.place()));
    written.downloads().forEach(download -> origin(path + ".artifacts", download.place()));
    return at(
        written.place(),
        () ->
            new Job(
                new Name(written.name()),
                List.copyOf(needs),
                written.runsOn().stream().map(Name::new).toList(),
                written.image(),
                written.env(),
                written.matrix(),
                written.directory(),
                written.when().map(Translation::when),
                written.timeout().map(TimeLimit::new),
                written.tier().map(tier -> dev.holdfast.model.definition.Tier.valueOf(tier.name())),
                written.root() ? Optional.of(JobUser.ROOT) : Optional.empty(),
                List.copyOf(services),
                approval(written.approvals(), written.approvalReason()),
                written.environments().stream().map(EnvironmentPattern::new).toList(),
                caches,
                artifacts,
                written.noCaches() ? Optional.of(JobCaches.NONE) : Optional.empty(),
                List.copyOf(steps)));
  }

  private static Optional<JobApproval> approval(int count, Optional<String> reason) {
    return reason.map(told -> new JobApproval(count, Optional.of(told)));
  }

  private static Service service(dev.holdfast.sdk.Service.Parts written) {
    Optional<TimeLimit> within = written.within().map(TimeLimit::new);
    Service.Ready ready;
    if (written.port().isPresent()) {
      ready = new Service.Ready.Port(written.port().get(), within);
    } else if (written.script().isPresent()) {
      ready = new Service.Ready.Command(written.script().get(), within);
    } else {
      throw new IllegalArgumentException(
          "the service "
              + written.name()
              + " does not say when it is ready; add readyAt(PORT) or readyWhen(\"SCRIPT\")");
    }
    return new Service(written.name(), written.image(), written.env(), written.command(), ready);
  }

  private static Step step(dev.holdfast.sdk.Step written) {
    return switch (written.action()) {
      case Command command -> {
        var p = command.parts();
        yield new Step.Command(
            written.name(),
            p.script(),
            p.env(),
            p.directory(),
            p.when().map(Translation::when),
            p.timeout().map(TimeLimit::new),
            named(p.secrets()),
            phase(p.install()),
            approval(p.approvals(), p.approvalReason()),
            audiences(p.identity()),
            p.secretOutputs().stream().map(Name::new).toList());
      }
      case Code code -> {
        var p = code.parts();
        yield new Step.Code(
            written.name(),
            p.when().map(Translation::when),
            p.timeout().map(TimeLimit::new),
            p.secrets().stream().map(SecretName::new).toList(),
            phase(p.install()),
            approval(p.approvals(), p.approvalReason()),
            p.identity().stream().map(Audience::new).toList(),
            p.secretOutputs().stream().map(Name::new).toList());
      }
    };
  }

  private static Map<String, SecretName> named(Map<String, String> byVariable) {
    var names = new LinkedHashMap<String, SecretName>();
    byVariable.forEach((variable, name) -> names.put(variable, new SecretName(name)));
    return names;
  }

  private static Map<String, Audience> audiences(Map<String, String> byVariable) {
    var audiences = new LinkedHashMap<String, Audience>();
    byVariable.forEach((variable, audience) -> audiences.put(variable, new Audience(audience)));
    return audiences;
  }

  private static Optional<Phase> phase(boolean install) {
    return install ? Optional.of(Phase.INSTALL) : Optional.empty();
  }

  private static When when(dev.holdfast.sdk.When when) {
    return When.valueOf(when.name());
  }

  private void origin(String path, Place place) {
    origins.add(new Origin(path, place.file(), place.line()));
  }

  private <T> T at(Place place, Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      diagnostics.add(new Diagnostic(place.file(), place.line(), String.valueOf(e.getMessage())));
      throw new RefusedPart(e);
    }
  }

  /** Of the part itself, of its first item, or of the smallest part that holds it. */
  private Place nearest(String path) {
    Origin best = new Origin("", "", 0);
    for (Origin origin : origins) {
      String at = origin.path();
      // The last of several with one path is the one too many.
      if (at.equals(path) || at.equals(path + "[0]")) {
        best = new Origin(path, origin.file(), origin.line());
      } else if (path.startsWith(at)
          && at.length() >= best.path().length()
          && ".[".indexOf(path.charAt(at.length())) >= 0) {
        best = origin;
      }
    }
    return new Place(best.file(), best.line());
  }
}
