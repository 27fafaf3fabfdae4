package dev.holdfast.model.wire.agent;

import dev.holdfast.model.wire.Bounds;
import java.util.Optional;

/**
 * A destination that a job sent packets to, as the kernel of its agent's host counted them.
 *
 * @param address IPv4 or IPv6, as text
 * @param name that the job had asked the resolver for, where that led to the address
 * @param protocol {@code tcp}, {@code udp}, {@code icmp}, or a protocol's number
 * @param port 0 where the protocol has none
 * @param packets that the job sent
 * @param bytes that the job sent, headers included
 * @param allowed whether they got out
 */
public record Contact(
    String address,
    Optional<String> name,
    String protocol,
    int port,
    long packets,
    long bytes,
    boolean allowed) {
  /** Of one attempt; what is beyond is not recorded one by one. */
  public static final int MOST = 2000;

  public Contact {
    if (!address.matches("[0-9a-f:.]{2,45}")) {
      throw new IllegalArgumentException("a contact's address is not an address");
    }
    if (name.isPresent() && !name.get().matches("[A-Za-z0-9_.-]{1,253}")) {
      throw new IllegalArgumentException("a contact's name is not a host's name");
    }
    if (!protocol.matches("[a-z0-9]{1,10}")) {
      throw new IllegalArgumentException("a contact's protocol is not a word or a number");
    }
    Bounds.range("a contact's port", port, 0, 65_535);
    Bounds.range("a contact's packets", packets, 0, Long.MAX_VALUE);
    Bounds.range("a contact's bytes", bytes, 0, Long.MAX_VALUE);
  }
}
