package dev.holdfast.probe;

import static dev.holdfast.agent.sandbox.Protection.*;
import static dev.holdfast.probe.Attacks.left;
import static dev.holdfast.probe.Attacks.twoJobs;

import java.util.EnumSet;
import java.util.List;

/** Two jobs, one after the other: what the first hides, the second must not find. */
final class PersistenceAttacks {
  static final List<Attack> ALL =
      List.of(
          place("workspace", "/workspace", "A file in the workspace."),
          place("tmp", "/tmp", "A file in /tmp."),
          place("home", "\"$HOME\"", "A file in the home directory."),
          place("shared-memory", "/dev/shm", "A file in /dev/shm."),
          twoJobs(
                  "persistence.profile",
                  "A shell's profile, which runs at the next login.",
                  "echo \"$MARK\" >\"$HOME/.profile\" && echo PLANTED",
                  look("$HOME/.profile"))
              .stoppedBy(FRESH_FILES),
          twoJobs(
                  "persistence.git-hook",
                  "Settings of git that name a folder of hooks.",
                  """
                  printf '[core]\\n\\thooksPath = /tmp/%s\\n' "$MARK" >"$HOME/.gitconfig" && echo PLANTED
                  """,
                  look("$HOME/.gitconfig"))
              .stoppedBy(FRESH_FILES),
          twoJobs(
                  "persistence.tool-cache",
                  "A tool's cache, from which the next build takes its libraries.",
                  """
                  mkdir -p "$HOME/.m2/repository/org/x" &&
                    echo "$MARK" >"$HOME/.m2/repository/org/x/x.jar" && echo PLANTED
                  """,
                  look("$HOME/.m2/repository/org/x/x.jar"))
              .stoppedBy(FRESH_FILES),
          twoJobs(
                  "persistence.pipe",
                  "A named pipe, at which the next job reads.",
                  "mkfifo \"/tmp/pipe-$MARK\" && echo PLANTED",
                  """
                  [ -p "/tmp/pipe-$MARK" ] && through 'the pipe is there'
                  stopped 'the pipe is not there'
                  """)
              .stoppedBy(FRESH_FILES),
          twoJobs(
                  "persistence.shared-segment",
                  "A System V segment, which belongs to no process.",
                  "kit make-shm \"$MARK_KEY\" && echo PLANTED",
                  "kit shm \"$MARK_KEY\"")
              .stoppedBy(OWN_IPC),
          left(
                  "persistence.background-process",
                  "A process that detaches itself and takes no signal.",
                  Trial.Trace.PROCESS,
                  """
                  greedy='trap "" HUP INT TERM QUIT; while :; do sleep 1; done'
                  if command -v setsid >/dev/null; then set -- setsid env; else set -- env; fi
                  ( "$@" -i sh -c "$greedy" "$MARK" & ) </dev/null >/dev/null 2>&1
                  sleep 1
                  echo PLANTED
                  """)
              .stoppedBy(EnumSet.of(END_PROCESSES, OWN_PROCESSES), EnumSet.of(END_PROCESSES)));

  private static Attack place(String name, String folder, String idea) {
    return twoJobs(
            "persistence." + name,
            idea,
            "echo \"$MARK\" >" + folder + "/.left && echo PLANTED",
            look(folder.replace("\"", "") + "/.left"))
        .stoppedBy(FRESH_FILES);
  }

  private static String look(String file) {
    return """
    grep -q -F "$MARK" "%s" 2>/dev/null && through 'what the first job wrote is there'
    stopped 'nothing of the first job is there'
    """
        .formatted(file);
  }

  private PersistenceAttacks() {}
}
