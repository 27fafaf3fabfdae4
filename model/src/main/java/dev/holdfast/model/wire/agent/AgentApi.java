package dev.holdfast.model.wire.agent;

import dev.holdfast.model.approval.Clearance;
import dev.holdfast.model.approval.Definition;
import dev.holdfast.model.approval.StepClearance;
import dev.holdfast.model.decision.Limits;
import dev.holdfast.model.definition.Env;
import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Service;
import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.secret.SecretUse;
import dev.holdfast.model.wire.Bounds;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that agent and orchestrator say to each other, as JSON over HTTP that the agent dials.
 * Every call carries the agent's token as a bearer. Every call can be repeated without harm. {@code
 * docs/architecture.md} has paths and answers.
 */
public final class AgentApi {
  /** An agent that speaks another version is refused with a sentence that says so. */
  public static final int VERSION = 1;

  private AgentApi() {}

  /** What can make sandboxes on the agent's host. */
  public enum Backend {
    CONTAINER(Tier.CONTAINER),
    NAMESPACES(Tier.NAMESPACES),
    MICROVM(Tier.MICROVM),
    PROCESS(Tier.NONE);

    private final Tier tier;

    Backend(Tier tier) {
      this.tier = tier;
    }

    /** How strong its walls are. */
    public Tier tier() {
      return tier;
    }
  }

  /**
   * An agent's first call, and again after it lost touch.
   *
   * @param version {@link #VERSION}
   * @param release of Holdfast
   * @param capacity attempts it takes at a time, from 1
   */
  public record Register(
      int version, Name name, String release, int capacity, List<Name> labels, Backend backend) {
    public Register {
      Bounds.range("capacity", capacity, 1, 1000);
      Bounds.range("the count of labels", labels.size(), 0, 100);
    }
  }

  /**
   * @param agent its id, for the calls to come
   * @param heartbeat how often to send one
   * @param lease how long a lease lasts without one
   * @param key with which clearances are checked: Ed25519, X.509, as Base64
   */
  public record Registered(String agent, Duration heartbeat, Duration lease, Optional<String> key) {
    /** By an orchestrator that signs nothing. */
    public Registered(String agent, Duration heartbeat, Duration lease) {
      this(agent, heartbeat, lease, Optional.empty());
    }
  }

  /**
   * That a lease's job may start, and what it takes to check that.
   *
   * @param clearance as the orchestrator signed it
   * @param definition whose digest is the clearance's
   */
  public record Cleared(Clearance.Signed clearance, Definition definition) {}

  /**
   * Asks for work; answered at once if there is any, else when there is, else empty after {@code
   * patience}.
   *
   * @param most leases to give, 1 or more
   * @param held attempts that it still holds: all others that the orchestrator believes it to hold
   *     are lost
   * @param patience at most 60 s
   */
  public record LeaseRequest(String agent, int most, List<Held> held, Duration patience) {
    public LeaseRequest {
      Bounds.id("an agent", agent);
      Bounds.range("most", most, 1, 1000);
      Bounds.range("the count of held attempts", held.size(), 0, 1000);
      Bounds.range("patience in ms", patience.toMillis(), 0, 60_000);
    }
  }

  /** An attempt and the token that fences it off from earlier and later ones. */
  public record Held(String attempt, long fence) {
    public Held {
      Bounds.id("an attempt", attempt);
    }
  }

  public record Leases(List<Lease> leases) {}

  /**
   * A time-limited right to one attempt.
   *
   * @param fence to be sent with all that is said of it
   * @param number of the attempt at its job, from 1
   * @param sources of the workflow's code steps; there if the job has any
   * @param outputs of the jobs it needs, by job key
   * @param tier the weakest wall that will do
   * @param pinned the very image that an earlier attempt at the job ran in, by its digest
   * @param servicePins the same of its services, by their names
   * @param cleared what let the job start; an agent that knows its orchestrator's key takes no
   *     lease without
   * @param environments that it runs in, in the order of the job
   */
  public record Lease(
      String attempt,
      long fence,
      int number,
      String run,
      Name workflow,
      PlannedJob job,
      Event event,
      Source source,
      Optional<Sources> sources,
      Map<String, Map<String, String>> outputs,
      Optional<Tier> tier,
      Optional<String> pinned,
      Map<String, String> servicePins,
      Optional<Cleared> cleared,
      List<Entered> environments) {

    /** In no environment. */
    public Lease(
        String attempt,
        long fence,
        int number,
        String run,
        Name workflow,
        PlannedJob job,
        Event event,
        Source source,
        Optional<Sources> sources,
        Map<String, Map<String, String>> outputs,
        Optional<Tier> tier,
        Optional<String> pinned,
        Map<String, String> servicePins,
        Optional<Cleared> cleared) {
      this(
          attempt,
          fence,
          number,
          run,
          workflow,
          job,
          event,
          source,
          sources,
          outputs,
          tier,
          pinned,
          servicePins,
          cleared,
          List.of());
    }

    /**
     * The most that the job gets, as it was signed; whoever hands it secrets or keeps what it
     * caches asks this. A job of one's own, which nobody has to clear, has none.
     */
    public Limits limits() {
      return cleared.map(it -> it.clearance().clearance().limits()).orElse(Limits.NONE);
    }

    /** The weakest wall that will do, as the queue, the definition and the clearance have it. */
    public Tier floor() {
      Tier asked = tier.orElse(Tier.NONE).or(job.job().tier().orElse(Tier.NONE));
      return cleared.map(it -> it.clearance().clearance().floor()).orElse(Tier.NONE).or(asked);
    }

    /** A first attempt, on whatever tier there is. */
    public Lease(
        String attempt,
        long fence,
        int number,
        String run,
        Name workflow,
        PlannedJob job,
        Event event,
        Source source,
        Optional<Sources> sources,
        Map<String, Map<String, String>> outputs) {
      this(
          attempt,
          fence,
          number,
          run,
          workflow,
          job,
          event,
          source,
          sources,
          outputs,
          Optional.empty(),
          Optional.empty(),
          Map.of(),
          Optional.empty());
    }
  }

  /**
   * An environment that an attempt runs in.
   *
   * @param variables that it gives; what a later one of a lease says takes the place of what an
   *     earlier one does
   */
  public record Entered(EnvironmentName name, Map<String, String> variables) {
    public Entered {
      variables = Env.checked(variables);
    }
  }

  /**
   * What to check out.
   *
   * @param repository Holdfast's id of it, a safe file name
   * @param name for people
   * @param url a path on the agent's host, or an {@code https:}, {@code http:} or {@code ssh:} URL,
   *     or {@link #SERVED} and a path at the orchestrator, which has the access that an agent is
   *     not given
   * @param ref full name of a ref that holds the commit, as {@code refs/heads/main}
   */
  public record Source(String repository, String name, String url, String ref, CommitId commit) {
    /** What the URL of a source begins with that the orchestrator itself serves. */
    public static final String SERVED = "orchestrator:";

    public Source {
      Bounds.id("a repository", repository);
    }
  }

  /**
   * Events of one attempt, numbered from 0 without gaps. Those that the orchestrator already has
   * are passed over.
   *
   * @param first the number of the first of {@code events}
   */
  public record Events(String attempt, long fence, long first, List<AttemptEvent> events) {
    public Events {
      Bounds.id("an attempt", attempt);
      Bounds.range("first", first, 0, 1_000_000);
      Bounds.range("the count of events", events.size(), 0, 10_000);
    }
  }

  /**
   * @param next the number that the orchestrator wants next; all before it are durable
   * @param cancel whether the attempt is to be stopped
   */
  public record EventsTaken(long next, boolean cancel) {}

  /**
   * The secrets that an attempt's job declares, as far as it may have them.
   *
   * @param withheld what else it declares; a command that names one of these does not start
   * @param usable what the agent adds to requests, and gives to no job
   */
  public record Secrets(
      List<GivenSecret> given, List<WithheldSecret> withheld, List<UsableSecret> usable) {
    public Secrets {
      Bounds.range(
          "the count of secrets",
          (long) given.size() + withheld.size() + usable.size(),
          0,
          MOST_SECRETS);
    }

    /** Where all of it is given. */
    public Secrets(List<GivenSecret> given, List<WithheldSecret> withheld) {
      this(given, withheld, List.of());
    }
  }

  /** Of one attempt. */
  public static final int MOST_SECRETS = 1000;

  /**
   * One of them. Says its name to whoever prints it, and never its value.
   *
   * @param base64 of the value
   */
  public record GivenSecret(SecretName name, String base64) {
    @Override
    public String toString() {
      return "the secret " + name;
    }
  }

  /**
   * One that the job has used for it. In a list of its own: an agent that knows nothing of use
   * refuses the answer, rather than to give the job what it must not hold.
   *
   * @param base64 of the value
   * @param use for which requests it is
   */
  public record UsableSecret(SecretName name, String base64, SecretUse use) {
    @Override
    public String toString() {
      return "the secret " + name + " for use";
    }
  }

  /**
   * @param reason one line for people
   */
  public record WithheldSecret(SecretName name, String reason) {
    public WithheldSecret {
      Bounds.range("the reason's length", reason.length(), 1, 500);
    }
  }

  /** Something that happened in an attempt. */
  public sealed interface AttemptEvent {
    Instant at();

    /**
     * The sandbox stands and the runner answered.
     *
     * @param image the very one that the sandbox was made from, by its digest; if it has one
     * @param services those of the job's services, by the names of these
     */
    record Started(Instant at, Optional<String> image, Map<String, String> services)
        implements AttemptEvent {
      public Started {
        image.ifPresent(Started::bounded);
        Bounds.range("the count of services", services.size(), 0, Service.MOST);
        services.forEach((name, pin) -> {
          Bounds.range("the length of a service's name", name.length(), 1, 63);
          bounded(pin);
        });
      }

      private static void bounded(String image) {
        Bounds.range("the image's length", image.length(), 1, 500);
      }

      /** In a sandbox without an image. */
      public Started(Instant at) {
        this(at, Optional.empty(), Map.of());
      }
    }

    /**
     * @param offset of the step's first byte in the attempt's log
     */
    record StepStarted(Instant at, int step, long offset) implements AttemptEvent {
      public StepStarted {
        Bounds.range("step", step, 0, 999);
        Bounds.range("offset", offset, 0, Long.MAX_VALUE);
      }
    }

    /** The step, which starts next, was handed these secrets. */
    record SecretsHanded(Instant at, int step, List<SecretName> names) implements AttemptEvent {
      public SecretsHanded {
        Bounds.range("step", step, 0, 999);
        Bounds.range("the count of secrets", names.size(), 1, MOST_SECRETS);
      }
    }

    /**
     * The agent added a secret to a request of the step's.
     *
     * @param host and its port, if it is not that of HTTPS
     * @param path without the query
     * @param status of the answer; 0 if none came
     */
    record SecretUsed(
        Instant at, int step, SecretName name, String method, String host, String path, int status)
        implements AttemptEvent {
      /** Of a path, as it is told; what is longer is cut. */
      public static final int MOST_PATH = 500;

      public SecretUsed {
        Bounds.range("step", step, 0, 999);
        Bounds.range("the method's length", method.length(), 1, 20);
        Bounds.range("the host's length", host.length(), 1, 300);
        Bounds.range("the path's length", path.length(), 1, MOST_PATH);
        Bounds.range("status", status, 0, 599);
      }
    }

    record StepFinished(Instant at, int step, StepResult result) implements AttemptEvent {
      public StepFinished {
        Bounds.range("step", step, 0, 999);
      }
    }

    /** An output of the job; a later one of the same name replaces it. */
    record Output(Instant at, Name name, String value) implements AttemptEvent {
      public Output {
        Bounds.output(name, value);
      }
    }

    /** Markdown for the page of the run; several are joined. */
    record Summary(Instant at, String markdown) implements AttemptEvent {
      public Summary {
        Bounds.summary(markdown);
      }
    }

    /** What the job reached, or tried to, over the network that it was given. */
    record Contacted(Instant at, List<Contact> contacts) implements AttemptEvent {
      public Contacted {
        Bounds.range("the count of contacts", contacts.size(), 0, Contact.MOST);
      }
    }

    /**
     * The last one. The sandbox is gone.
     *
     * @param logLength of the whole log in bytes
     */
    record Finished(Instant at, Outcome outcome, long logLength) implements AttemptEvent {
      public Finished {
        Bounds.range("the log's length", logLength, 0, Long.MAX_VALUE);
      }
    }
  }

  /**
   * A step that its workflow has wait for people is about to start. Asked again and again until the
   * answer is another one than that it waits.
   *
   * @param step its number in its job, from 0
   */
  public record StepAsk(String attempt, long fence, int step) {
    public StepAsk {
      Bounds.id("an attempt", attempt);
      Bounds.range("step", step, 0, 999);
    }
  }

  /** Whether it may. */
  public sealed interface StepAnswer {
    /** Nobody has said so yet. */
    record Waits() implements StepAnswer {}

    /** People released it, as the orchestrator signed it then. */
    record MayStart(StepClearance.Signed clearance) implements StepAnswer {}

    /** It never will, and has failed for this reason. */
    record Ends(String why) implements StepAnswer {}
  }

  /**
   * @param length of the log that the orchestrator durably has; where the next bytes go
   */
  public record LogTaken(long length) {}

  /** Tells of the newest probe of the agent's host. */
  public record Probed(String agent, ProbeReport report) {
    public Probed {
      Bounds.id("an agent", agent);
    }
  }

  /**
   * @param agent of which it is known now
   */
  public record ProbeTaken(String agent) {}

  /** Says that the agent lives and still holds these; extends their leases. */
  public record Heartbeat(String agent, List<Held> held) {
    public Heartbeat {
      Bounds.id("an agent", agent);
      Bounds.range("the count of held attempts", held.size(), 0, 1000);
    }
  }

  /**
   * @param cancel attempts to stop, and to report as cancelled
   * @param lost attempts that are no longer this agent's: stop them and report nothing
   */
  public record HeartbeatTaken(List<String> cancel, List<String> lost) {}

  /**
   * Asks for a token that shows others what the job is; answered with {@link Identity}.
   *
   * @param step the one that gets it
   * @param audience whom it is for, as the step's definition names it
   */
  public record IdentityAsked(int step, String audience) {
    public IdentityAsked {
      Bounds.range("step", step, 0, 999);
      Bounds.range("the audience's length", audience.length(), 1, 500);
    }
  }

  /** A token and its end. Not to be logged. */
  public record Identity(String token, Instant until) {
    @Override
    public String toString() {
      return "Identity[until=" + until + "]";
    }
  }

  /**
   * An output of a job that its definition calls secret, for jobs of the same run that name it.
   * Answered with itself once it is kept, without the value. Not to be logged.
   *
   * @param base64 of the value
   */
  public record SecretOutput(Name name, String base64) {
    @Override
    public String toString() {
      return "the secret output " + name;
    }
  }

  /** It is kept. */
  public record SecretOutputKept(Name name) {}

  /** The body of every refusal: one line that names the thing, the place and the mend. */
  public record Refusal(String error) {}
}
