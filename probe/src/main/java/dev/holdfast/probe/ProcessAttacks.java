package dev.holdfast.probe;

import static dev.holdfast.agent.sandbox.Protection.*;
import static dev.holdfast.probe.Attacks.beside;
import static dev.holdfast.probe.Attacks.job;
import static dev.holdfast.probe.Attacks.needing;
import static dev.holdfast.probe.Promise.P1;
import static dev.holdfast.probe.Promise.P3;

import java.util.EnumSet;
import java.util.List;

/** Processes that are not the job's: those of the host and those of other jobs. */
final class ProcessAttacks {
  private static final String VICTIM = "sh -c 'echo UP; while :; do sleep 1; done' \"$PEER\"";

  static final List<Attack> ALL =
      List.of(
          job(
                  "process.list",
                  P3,
                  "The processes of the host are listed.",
                  """
                  [ -z "$(decoy)" ] || through 'a process of the host is in the list'
                  stopped 'the list has only the job'"'"'s own'
                  """)
              .stoppedBy(OWN_PROCESSES),
          job(
                  "process.signal-host",
                  P3,
                  "A process of the host is sent a signal.",
                  """
                  pid=$(decoy)
                  [ -n "$pid" ] || stopped 'no process of the host is visible'
                  kill -0 "$pid" 2>/tmp/said && through "process $pid takes signals"
                  read -r why </tmp/said
                  stopped "$why"
                  """)
              .stoppedBy(OWN_PROCESSES, OWN_USER),
          beside(
                  "process.signal-job",
                  P1,
                  "A process of another job is sent a signal.",
                  VICTIM,
                  """
                  pid=$(peer)
                  [ -n "$pid" ] || stopped 'no process of another job is visible'
                  kill -0 "$pid" 2>/tmp/said && through "process $pid takes signals"
                  read -r why </tmp/said
                  stopped "$why"
                  """)
              .stoppedBy(EnumSet.of(OWN_PROCESSES, OWN_USER), EnumSet.of(OWN_PROCESSES)),
          beside(
                  "process.trace-job",
                  P1,
                  "A process of another job is traced.",
                  VICTIM,
                  """
                  pid=$(peer)
                  [ -n "$pid" ] || stopped 'no process of another job is visible'
                  kit ptrace "$pid"
                  """)
              .stoppedBy(
                  EnumSet.of(OWN_PROCESSES, OWN_USER, SYSTEM_CALLS), EnumSet.of(OWN_PROCESSES)),
          beside(
                  "process.memory-of-job",
                  P1,
                  "The memory of a process of another job is read.",
                  VICTIM,
                  """
                  pid=$(peer)
                  [ -n "$pid" ] || stopped 'no process of another job is visible'
                  kit vm-read "$pid"
                  """)
              .stoppedBy(
                  EnumSet.of(OWN_PROCESSES, OWN_USER, SYSTEM_CALLS), EnumSet.of(OWN_PROCESSES)),
          job(
                  "process.abstract-socket",
                  P3,
                  "A socket of the host that has a name and no file.",
                  "kit abstract \"$DECOY_ABSTRACT\"")
              .stoppedBy(OWN_NETWORK),
          job(
                  "process.shared-memory",
                  P3,
                  "A System V segment of the host is found by its key.",
                  "kit shm \"$DECOY_KEY\"")
              .stoppedBy(OWN_IPC),
          job(
                  "process.message-queue",
                  P3,
                  "A message queue of the host is opened by its name.",
                  "kit mq \"$DECOY_QUEUE\"")
              .stoppedBy(OWN_IPC),
          needing(
                  Trial.Need.TERMINAL,
                  "process.terminal",
                  P3,
                  "The terminal that the agent was started from is opened, to type into it.",
                  "kit terminal")
              .inNamespacesBy(NO_TERMINAL));

  private ProcessAttacks() {}
}
