package dev.holdfast.probe;

/**
 * What every program of an attack starts with. Values are in files that it reads, not in its text:
 * else an attack that looks through the arguments of processes would find itself.
 */
final class Prelude {
  /** In the workspace, beside what the job checks out. */
  static final String KIT = "probe-kit.jar";

  static final String VALUES = "probe-values";
  static final String CANARY = "probe-canary";

  /** {@code with_arguments FILE} prints the process whose arguments hold the line in the file. */
  private static final String TEXT =
      """
      set +e
      cd /workspace
      . ./%2$s
      through() { printf '%1$sthrough: %%s\\n' "$*"; exit 0; }
      stopped() { printf '%1$sstopped: %%s\\n' "$*"; exit 0; }
      absent() { printf '%1$sabsent: %%s\\n' "$*"; exit 0; }
      kit() {
        /opt/holdfast/java/bin/java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx"${HEAP:-32m}" \\
          -Xlog:disable --enable-native-access=ALL-UNNAMED -cp /workspace/%3$s \\
          dev.holdfast.probe.kit.Main "$@"
      }
      with_arguments() {
        for process in /proc/[0-9]*; do
          if { tr '\\0' '\\n' <"$process/cmdline"; } 2>/dev/null | grep -q -F -f "$1"; then
            echo "${process#/proc/}"
            return
          fi
        done
      }
      decoy() { with_arguments /workspace/%4$s; }
      peer() { printf '%%s\\n' "$PEER" >/tmp/peer; with_arguments /tmp/peer; }
      """
          .formatted(Verdict.MARK, VALUES, KIT, CANARY);

  private Prelude() {}

  /** {@code script} with it in front. */
  static String before(String script) {
    return TEXT + script;
  }
}
