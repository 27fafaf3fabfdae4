package dev.holdfast.agent.sandbox.microvm.vmm;

import java.util.Optional;

/**
 * A network card of a machine.
 *
 * @param tap that is there already, in the machine's namespace
 */
public record Nic(String tap, String mac, Optional<Rate> rate) {
  public Nic {
    if (!tap.matches("[a-z0-9]{1,15}") || !mac.matches("[0-9a-f]{2}(:[0-9a-f]{2}){5}")) {
      throw new IllegalArgumentException("not a tap and a card's address: " + tap + ", " + mac);
    }
  }
}
