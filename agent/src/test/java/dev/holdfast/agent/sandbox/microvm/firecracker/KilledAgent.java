package dev.holdfast.agent.sandbox.microvm.firecracker;

import dev.holdfast.agent.sandbox.HostUser;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A process that starts a machine and waits to be killed. */
final class KilledAgent {
  private KilledAgent() {}

  public static void main(String[] arguments) throws Exception {
    int uid = Integer.parseInt(arguments[1]);
    StandIn host = StandIn.again(Path.of(arguments[0]), new HostUser(uid, uid));
    FirecrackerVmmTest.talk(host.vmm().boot(host.spec("lost")));
    System.out.println("the machine runs");
    new CountDownLatch(1).await();
  }
}
