package dev.holdfast.model.definition;

import dev.holdfast.model.json.Quote;
import dev.holdfast.model.secret.SecretName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One step of a job. Steps run one after the other, in the job's one sandbox. */
public sealed interface Step {
  /** Free text on one line, at most 200 characters; unique in its job. */
  String name();

  Optional<When> when();

  Optional<TimeLimit> timeout();

  /** Where in its job it stands; where absent, after what is installed. */
  Optional<Phase> phase();

  /** The names of the secrets that it is given, and no others. */
  Set<SecretName> secretNames();

  /** Whom it is given tokens for that show what its job is, and nobody else. */
  Set<Audience> audiences();

  /** Its job's outputs of these names are secret, whichever step puts them out. */
  List<Name> secretOutputs();

  /** What it waits for once it is its turn; where absent, nothing. */
  Optional<JobApproval> approval();

  /** Whether it needs something, or waits; see {@link Job#asks}. */
  default boolean asks() {
    return !secretNames().isEmpty() || !audiences().isEmpty() || approval().isPresent();
  }

  /**
   * Whether it only fetches what later steps work with: it is given no secret, and reaches
   * registries alone.
   */
  default boolean installs() {
    return phase().filter(Phase.INSTALL::equals).isPresent();
  }

  /**
   * A command: data, needs no Java to run. {@code run} is a script for {@code /bin/sh -e}; nothing
   * is ever spliced into it, what it is to know reaches it as environment variables.
   *
   * @param directory below the workspace; where absent, the job's
   * @param secrets by the environment variables in which its processes find them
   * @param identity whom it is given tokens for, by the variables in which its processes find them
   * @param secretOutputs which outputs are for jobs that name them among their secrets, and nobody
   *     else's eyes
   */
  record Command(
      String name,
      String run,
      Map<String, String> env,
      Optional<String> directory,
      Optional<When> when,
      Optional<TimeLimit> timeout,
      Map<String, SecretName> secrets,
      Optional<Phase> phase,
      Optional<JobApproval> approval,
      Map<String, Audience> identity,
      List<Name> secretOutputs)
      implements Step {
    private static final int LONGEST_SCRIPT = 128 * 1024;

    public Command {
      name = Texts.line("step name", name);
      if (run.isBlank() || run.length() > LONGEST_SCRIPT || run.indexOf('\0') >= 0) {
        throw new IllegalArgumentException(
            "the step "
                + Quote.of(name)
                + " has a script that is empty, over 128 KiB, or holds a"
                + " NUL character");
      }
      env = Env.checked(env);
      directory = directory.map(Texts::directory);
      secrets = SecretNames.checked(secrets, env);
      identity = SecretNames.audiences(identity, env, secrets);
      secretOutputs = SecretNames.outputs(secretOutputs);
    }

    /** All of whose outputs anybody may see. */
    public Command(
        String name,
        String run,
        Map<String, String> env,
        Optional<String> directory,
        Optional<When> when,
        Optional<TimeLimit> timeout,
        Map<String, SecretName> secrets,
        Optional<Phase> phase,
        Optional<JobApproval> approval,
        Map<String, Audience> identity) {
      this(name, run, env, directory, when, timeout, secrets, phase, approval, identity, List.of());
    }

    /** Given no token. */
    public Command(
        String name,
        String run,
        Map<String, String> env,
        Optional<String> directory,
        Optional<When> when,
        Optional<TimeLimit> timeout,
        Map<String, SecretName> secrets,
        Optional<Phase> phase,
        Optional<JobApproval> approval) {
      this(name, run, env, directory, when, timeout, secrets, phase, approval, Map.of());
    }

    /** Without secrets, and waiting for nobody. */
    public Command(
        String name,
        String run,
        Map<String, String> env,
        Optional<String> directory,
        Optional<When> when,
        Optional<TimeLimit> timeout) {
      this(name, run, env, directory, when, timeout, Map.of(), Optional.empty());
    }

    /** Waiting for nobody. */
    public Command(
        String name,
        String run,
        Map<String, String> env,
        Optional<String> directory,
        Optional<When> when,
        Optional<TimeLimit> timeout,
        Map<String, SecretName> secrets,
        Optional<Phase> phase) {
      this(name, run, env, directory, when, timeout, secrets, phase, Optional.empty());
    }

    @Override
    public Set<SecretName> secretNames() {
      return Set.copyOf(secrets.values());
    }

    @Override
    public Set<Audience> audiences() {
      return Set.copyOf(identity.values());
    }
  }

  /**
   * Java code of the workflow's author, found again at run time by job and step name.
   *
   * @param secrets the names of those that it can ask for
   * @param identity whom it can ask for tokens for
   * @param secretOutputs as those of a command
   */
  record Code(
      String name,
      Optional<When> when,
      Optional<TimeLimit> timeout,
      List<SecretName> secrets,
      Optional<Phase> phase,
      Optional<JobApproval> approval,
      List<Audience> identity,
      List<Name> secretOutputs)
      implements Step {
    public Code {
      name = Texts.line("step name", name);
      secrets = SecretNames.checked(secrets);
      identity = SecretNames.audiences(identity);
      secretOutputs = SecretNames.outputs(secretOutputs);
    }

    /** All of whose outputs anybody may see. */
    public Code(
        String name,
        Optional<When> when,
        Optional<TimeLimit> timeout,
        List<SecretName> secrets,
        Optional<Phase> phase,
        Optional<JobApproval> approval,
        List<Audience> identity) {
      this(name, when, timeout, secrets, phase, approval, identity, List.of());
    }

    /** Given no token. */
    public Code(
        String name,
        Optional<When> when,
        Optional<TimeLimit> timeout,
        List<SecretName> secrets,
        Optional<Phase> phase,
        Optional<JobApproval> approval) {
      this(name, when, timeout, secrets, phase, approval, List.of());
    }

    /** Without secrets, and waiting for nobody. */
    public Code(String name, Optional<When> when, Optional<TimeLimit> timeout) {
      this(name, when, timeout, List.of(), Optional.empty());
    }

    /** Waiting for nobody. */
    public Code(
        String name,
        Optional<When> when,
        Optional<TimeLimit> timeout,
        List<SecretName> secrets,
        Optional<Phase> phase) {
      this(name, when, timeout, secrets, phase, Optional.empty());
    }

    @Override
    public Set<SecretName> secretNames() {
      return Set.copyOf(secrets);
    }

    @Override
    public Set<Audience> audiences() {
      return Set.copyOf(identity);
    }
  }
}
