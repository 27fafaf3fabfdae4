package dev.holdfast.probe.lab;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A network namespace of its own with something that answers in it, as another job's may. */
public final class LabPeer implements AutoCloseable {
  private final LabProcess process;

  private LabPeer(LabProcess process) {
    this.process = process;
  }

  /** Started by a process that is in a lab; answers once it listens. */
  public static LabPeer start() throws IOException {
    var line =
        new ArrayList<>(
            List.of("unshare", "-n", "sh", "-c", "ip link set lo up; exec \"$@\"", "-"));
    line.addAll(LabProcess.java(LabListener.class, List.of("peer")));
    LabProcess process = LabProcess.start(line);
    process.ask("seen nothing");
    return new LabPeer(process);
  }

  /** In whose namespace it is. */
  public long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    process.close();
  }
}
