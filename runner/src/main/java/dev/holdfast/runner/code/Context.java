package dev.holdfast.runner.code;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.wire.channel.ToRunner.RunJob;
import dev.holdfast.runner.job.Outputs;
import dev.holdfast.runner.job.SecretsOfStep;
import dev.holdfast.sdk.Captured;
import dev.holdfast.sdk.Commit;
import dev.holdfast.sdk.Event;
import dev.holdfast.sdk.PullRequestAction;
import dev.holdfast.sdk.Secrets;
import dev.holdfast.sdk.StepContext;
import dev.holdfast.sdk.StepFailed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One step's {@link StepContext}, and what the step gave by it. */
final class Context implements StepContext {
  private static final int MOST_CAPTURED = 8 * 1024 * 1024;

  private final RunJob order;
  private final Map<String, String> env;
  private final SecretsOfStep secrets;
  private final Shells shells;
  private final PrintedLog printed;
  private final Outputs.Sink secretOutputs;
  private final Map<String, String> outputs = new LinkedHashMap<>();
  private final StringBuilder summary = new StringBuilder();

  Context(
      RunJob order,
      Map<String, String> env,
      SecretsOfStep secrets,
      Shells shells,
      PrintedLog printed,
      Outputs.Sink secretOutputs) {
    this.order = order;
    this.env = Collections.unmodifiableMap(env);
    this.secrets = secrets;
    this.shells = shells;
    this.printed = printed;
    this.secretOutputs = secretOutputs;
  }

  synchronized Map<String, String> outputs() {
    return new LinkedHashMap<>(outputs);
  }

  synchronized String summary() {
    return summary.toString();
  }

  @Override
  public void sh(String script) {
    int code = shells.run(script, (bytes, length) -> printed.write(bytes, 0, length));
    if (code != 0) {
      throw new StepFailed(code, "a script ended with exit code " + code);
    }
  }

  @Override
  public Captured capture(String script) {
    var caught = new ByteArrayOutputStream();
    int code =
        shells.run(
            script,
            (bytes, length) -> {
              if (caught.size() <= MOST_CAPTURED) {
                caught.write(bytes, 0, length);
              }
            });
    if (caught.size() > MOST_CAPTURED) {
      throw new IllegalStateException(
          "a script gave more than 8 MiB of output to catch; let it write to a file instead");
    }
    return new Captured(code, caught.toString(StandardCharsets.UTF_8));
  }

  @Override
  public void log(String line) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    printed.write(bytes, 0, bytes.length);
  }

  @Override
  public String env(String name) {
    return known("environment variable", name, env);
  }

  @Override
  public Map<String, String> env() {
    return env;
  }

  @Override
  public Secrets secrets() {
    return new Given();
  }

  @Override
  public String identity(String audience) {
    return secrets.identity(audience);
  }

  private final class Given implements Secrets {
    @Override
    public String get(String name) {
      return secrets.get(name);
    }

    @Override
    public boolean has(String name) {
      return secrets.has(name);
    }

    @Override
    public List<String> list() {
      return secrets.list();
    }

    @Override
    public void expose(String name) {
      secrets.expose(name, name);
    }

    @Override
    public void expose(String name, String variable) {
      secrets.expose(name, variable);
    }

    @Override
    public Path mountFile(String name) {
      try {
        return secrets.mountFile(name);
      } catch (IOException e) {
        throw new UncheckedIOException("the secret " + name + " cannot be put into a file", e);
      }
    }
  }

  @Override
  public Commit commit() {
    return new Commit(order.event().happening().commit().value());
  }

  @Override
  public Event event() {
    Happening happening = order.event().happening();
    Event.Kind kind =
        switch (happening) {
          case Happening.Push push -> Event.Kind.PUSH;
          case Happening.Tag tag -> Event.Kind.TAG;
          case Happening.PullRequest pull -> Event.Kind.PULL_REQUEST;
          case Happening.Manual manual -> Event.Kind.MANUAL;
          case Happening.Schedule schedule -> Event.Kind.SCHEDULE;
        };
    Optional<Event.Pull> pull =
        happening instanceof Happening.PullRequest p
            ? Optional.of(
                new Event.Pull(
                    p.number(),
                    PullRequestAction.valueOf(p.action().name()),
                    p.base().value(),
                    p.fork()))
            : Optional.empty();
    return new Event(kind, happening.ref().value(), pull);
  }

  @Override
  public String input(String name) {
    Map<String, String> inputs =
        order.event().happening() instanceof Happening.Manual manual ? manual.inputs() : Map.of();
    return known("input", name, inputs);
  }

  @Override
  public String matrix(String axis) {
    return known("matrix axis", axis, order.job().matrix());
  }

  @Override
  public synchronized void output(String name, String value) {
    Name checked = Outputs.checked(name, value);
    if (order.job().job().secretOutputs().contains(checked)) {
      putSecret(checked, value);
      return;
    }
    if (!outputs.containsKey(name) && outputs.size() == Outputs.MOST) {
      throw new IllegalArgumentException(
          "the step has " + Outputs.MOST + " outputs already; give fewer");
    }
    outputs.put(name, value);
  }

  /** Before the code goes on: what it prints next comes behind it, and is masked. */
  private void putSecret(Name name, String value) {
    Outputs.unfit(name, value)
        .ifPresent(why -> {
          throw new IllegalArgumentException(why);
        });
    try {
      secretOutputs.put(name, value);
    } catch (IOException e) {
      throw new UncheckedIOException("the output " + name + " cannot be sent", e);
    }
  }

  @Override
  public NeededJob needs(String job) {
    List<String> keys = order.job().needs();
    var meant = new ArrayList<String>();
    for (String key : keys) {
      if (key.equals(job) || key.startsWith(job + "[")) {
        meant.add(key);
      }
    }
    if (meant.size() != 1) {
      throw new IllegalArgumentException(
          "this job needs "
              + (meant.isEmpty() ? "no job " + Quote.of(job) : "several jobs " + Quote.of(job))
              + "; it needs "
              + (keys.isEmpty() ? "none" : String.join(", ", keys)));
    }
    Map<String, String> given = order.outputs().getOrDefault(meant.getFirst(), Map.of());
    return new NeededJob() {
      @Override
      public String output(String name) {
        return known("output of job " + job, name, given);
      }

      @Override
      public Map<String, String> outputs() {
        return given;
      }
    };
  }

  @Override
  public synchronized void summary(String markdown) {
    if (summary.length() + markdown.length() > Outputs.LONGEST_SUMMARY) {
      throw new IllegalArgumentException("the step's summary is longer than 1 MiB; shorten it");
    }
    summary.append(markdown).append(markdown.endsWith("\n") ? "" : "\n");
  }

  @Override
  public Path workspace() {
    return Path.of(order.workspace());
  }

  @Override
  public String workflow() {
    return order.workflow().value();
  }

  @Override
  public String job() {
    return order.job().key();
  }

  @Override
  public String run() {
    return env("HOLDFAST_RUN");
  }

  @Override
  public String attempt() {
    return env("HOLDFAST_ATTEMPT");
  }

  private static String known(String what, String name, Map<String, String> all) {
    String value = all.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "there is no "
              + what
              + " "
              + Quote.of(name)
              + "; there is "
              + (all.isEmpty() ? "none" : String.join(", ", all.keySet())));
    }
    return value;
  }
}
