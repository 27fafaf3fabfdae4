package dev.holdfast.agent.use;

import dev.holdfast.model.secret.SecretName;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;

/** What the step that runs uses and does not hold: an address for each secret, until it is over. */
public final class StepUses {
  private final Map<SecretName, UseDoor> doors = new LinkedHashMap<>();

  private StepUses() {}

  /** Puts a use on record. */
  @FunctionalInterface
  public interface OnRecord {
    /**
     * Called before the job has anything of the answer.
     *
     * @param host as the secret's use names it
     * @param path without the query
     * @param status of the answer; 0 if none came
     */
    void used(SecretName name, String method, String host, String path, int status)
        throws InterruptedException;
  }

  /** Of a step that uses nothing. */
  public static StepUses none() {
    return new StepUses();
  }

  /**
   * Opens the addresses of a step that is about to start.
   *
   * @param usable by name; not closed
   * @param doorway of its job; empty if it has no filtered network
   * @throws IOException if the step must not start, with the reason
   */
  public static StepUses open(
      String attempt,
      Map<SecretName, Usable> usable,
      Optional<Doorway> doorway,
      OnRecord record,
      ScheduledExecutorService timer)
      throws IOException, InterruptedException {
    var uses = new StepUses();
    if (usable.isEmpty()) {
      return uses;
    }
    Doorway way =
        doorway.orElseThrow(() ->
            new IOException(
                "the secret "
                    + usable.keySet().iterator().next()
                    + " is for use alone: no job is given it, and requests with it are made by the"
                    + " agent, which needs a filtered network, and this job has none; give the job"
                    + " one (docs/egress.md), or set the secret without --use"));
    boolean opened = false;
    try {
      for (var one : usable.entrySet()) {
        SecretName name = one.getKey();
        String host = one.getValue().use().authority();
        uses.doors.put(
            name,
            UseDoor.open(
                attempt,
                one.getValue().copy(),
                way,
                (method, path, status) -> record.used(name, method, host, path, status),
                timer));
      }
      opened = true;
      return uses;
    } finally {
      if (!opened) {
        uses.end();
      }
    }
  }

  /** By name, where the step's requests go. */
  public Map<SecretName, String> addresses() {
    var all = new LinkedHashMap<SecretName, String>();
    doors.forEach((name, door) -> all.put(name, door.address()));
    return all;
  }

  /**
   * Closes all of them: nothing is answered any more, and nothing is under way.
   *
   * @throws IOException if the filter could not be told; nobody listens behind it all the same
   */
  public void end() throws IOException, InterruptedException {
    var failed = new IOException("an address for use of a secret is not all closed");
    for (UseDoor door : doors.values()) {
      try {
        door.end();
      } catch (IOException e) {
        failed.addSuppressed(e);
      }
    }
    doors.clear();
    if (failed.getSuppressed().length > 0) {
      throw failed;
    }
  }
}
