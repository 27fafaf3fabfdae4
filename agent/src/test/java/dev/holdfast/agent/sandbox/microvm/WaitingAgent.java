package dev.holdfast.agent.sandbox.microvm;

import java.nio.file.Path;

/** Has a machine wait for a job that never comes, until it is killed. */
public final class WaitingAgent {
  private WaitingAgent() {}

  public static void main(String[] data) throws Exception {
    MicrovmBackend backend = AheadTest.backend(Path.of(data[0]), start -> {});
    backend.create(AheadTest.spec(Path.of(data[0]), "att_first", "true")).close();
    while (backend.waiting() == 0) {
      Thread.sleep(20);
    }
    System.out.println("waiting");
    Thread.sleep(600_000);
  }
}
