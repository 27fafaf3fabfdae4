package dev.holdfast.agent.inventory;

import dev.holdfast.agent.inventory.Readings.Running;
import dev.holdfast.agent.inventory.Remnant.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells what of an attempt is left from what its host says. */
public final class Inventory {
  private static final Pattern GROUP = Pattern.compile("/holdfast/[^/\\s]+/([^/\\s]+)");

  private Inventory() {}

  /** Empty if nothing is left. */
  public static List<Remnant> of(Subject subject, Readings seen) {
    var left = new ArrayList<Remnant>();
    for (Running process : seen.processes()) {
      if (belongs(subject, process)) {
        left.add(new Remnant(Kind.PROCESS, process.pid() + " (" + process.name() + ")"));
      }
    }
    String directory = subject.directory().toString();
    String below = directory + "/";
    for (String mount : seen.mounts()) {
      if (mount.equals(directory) || mount.startsWith(below)) {
        left.add(new Remnant(Kind.MOUNT, mount));
      }
    }
    for (String file : seen.loops()) {
      if (file.startsWith(below)) {
        left.add(new Remnant(Kind.LOOP_DEVICE, "of " + file));
      }
    }
    seen.cgroups().forEach(group -> left.add(new Remnant(Kind.CGROUP, group)));
    if (subject.link().isPresent()) {
      String link = subject.link().get();
      if (seen.interfaces().contains(link)) {
        left.add(new Remnant(Kind.INTERFACE, link));
      }
      if (seen.filter().contains("\"" + link + "\"")) {
        left.add(new Remnant(Kind.FILTER, "for " + link));
      }
    }
    seen.labelled().forEach(thing -> left.add(new Remnant(Kind.ENGINE, thing)));
    if (seen.directory()) {
      left.add(new Remnant(Kind.DIRECTORY, directory));
    }
    seen.failures().forEach(why -> left.add(new Remnant(Kind.UNKNOWN, why)));
    return List.copyOf(left);
  }

  /**
   * Its cgroup proves it. So does its user, for what was there before that could become another's,
   * and is not in the cgroup of another attempt.
   */
  private static boolean belongs(Subject subject, Running process) {
    boolean inAnother = false;
    Matcher group = GROUP.matcher(process.cgroups());
    while (group.find()) {
      if (group.group(1).equals(subject.attempt())) {
        return true;
      }
      inAnother = true;
    }
    return !inAnother
        && subject.user().isPresent()
        && process.users().contains(subject.user().getAsInt())
        && process.start() <= subject.closing().orElse(Long.MAX_VALUE);
  }
}
