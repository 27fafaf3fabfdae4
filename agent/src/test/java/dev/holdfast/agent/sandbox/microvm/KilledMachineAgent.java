package dev.holdfast.agent.sandbox.microvm;

import java.nio.file.Path;

/** A process that is an agent with one machine, and is killed. DATA, ATTEMPT. */
final class KilledMachineAgent {
  private KilledMachineAgent() {}

  public static void main(String[] given) throws Exception {
    Path data = Path.of(given[0]);
    try (var backend = TestMachines.backend(data);
        var sandbox = backend.create(ManyMachinesTest.spec(data, given[1], "sleep 600"))) {
      System.out.println("begins");
      sandbox.handOver();
      sandbox.start();
      sandbox.exited().join();
    }
  }
}
