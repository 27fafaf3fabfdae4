package dev.holdfast.probe;

import static dev.holdfast.agent.sandbox.Protection.*;
import static dev.holdfast.probe.Attacks.job;
import static dev.holdfast.probe.Promise.P5;

import java.util.List;

/** Hunting for credentials: in environments, arguments, open files and sockets. */
final class EnvironmentAttacks {
  static final List<Attack> ALL =
      List.of(
          job(
                  "environment.agent-variables",
                  P5,
                  "The agent's variables are in the environment of the job or of its runner.",
                  """
                  [ -n "$AGENT_NAMES" ] || { echo 'the agent has no variables'; exit 1; }
                  { env; cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'; } >/tmp/all
                  for name in $AGENT_NAMES; do
                    grep -q "^$name=" /tmp/all && found="$found $name"
                  done
                  [ -z "$found" ] || through "these are visible:$found"
                  stopped 'none of the agent'"'"'s variables is visible'
                  """)
              // In namespaces the runner, whose they would be, cannot be read by its own user.
              .inContainersBy(CLEAN_ENVIRONMENT),
          job(
                  "environment.of-processes",
                  P5,
                  "A token is in the environment of a process of the host.",
                  """
                  for file in /proc/[0-9]*/environ; do
                    if { tr '\\0' '\\n' <"$file"; } 2>/dev/null | grep -q -F -f probe-canary; then
                      through "$file holds the token"
                    fi
                  done
                  stopped 'no readable environment holds the token'
                  """)
              .stoppedBy(OWN_PROCESSES, OWN_USER, NO_CAPABILITIES),
          job(
                  "environment.arguments",
                  P5,
                  "A secret is in the arguments of a process of the host.",
                  """
                  pid=$(decoy)
                  [ -z "$pid" ] || through "the arguments of process $pid hold it"
                  stopped 'no process that is visible has it'
                  """)
              .stoppedBy(OWN_PROCESSES),
          job(
                  "environment.open-files",
                  P5,
                  "A process of the host has a file with a secret open, which /proc gives away.",
                  """
                  for file in /proc/[0-9]*/fd/7; do
                    if [ -f "$file" ] && grep -q -F -f probe-canary "$file" 2>/dev/null; then
                      through "$file holds the secret"
                    fi
                  done
                  stopped 'no open file that is visible has it'
                  """)
              .stoppedBy(OWN_PROCESSES, OWN_USER, OWN_FILES, NO_CAPABILITIES),
          job(
                  "environment.memory-maps",
                  P5,
                  "The memory map of a process of the host tells where its libraries are.",
                  """
                  pid=$(decoy)
                  [ -n "$pid" ] || stopped 'no process of the host is visible'
                  line=$(head -n 1 "/proc/$pid/maps" 2>/dev/null)
                  [ -z "$line" ] || through "the map of process $pid begins with $line"
                  stopped "the map of process $pid is closed"
                  """)
              .stoppedBy(OWN_PROCESSES, OWN_USER, NO_CAPABILITIES),
          job(
                  "environment.agent-address",
                  P5,
                  "The kernel's list of sockets names those of the agent's host.",
                  """
                  grep -q -F "$DECOY_SOCKET" /proc/net/unix &&
                    through "/proc/net/unix names $DECOY_SOCKET"
                  stopped '/proc/net/unix names no socket of the host'
                  """)
              .stoppedBy(OWN_NETWORK),
          job(
                  "environment.credential-files",
                  P5,
                  "Files in which tools keep credentials on the host can be read.",
                  """
                  for root in '' /host /proc/1/root; do
                    grep -q -F -f probe-canary "$root$DECOY_DIR/.netrc" 2>/dev/null &&
                      through "$root$DECOY_DIR/.netrc can be read"
                  done
                  stopped 'they are not there'
                  """)
              .stoppedBy(OWN_FILES));

  private EnvironmentAttacks() {}
}
