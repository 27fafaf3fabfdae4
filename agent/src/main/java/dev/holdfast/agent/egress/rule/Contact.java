package dev.holdfast.agent.egress.rule;

import java.util.Optional;

/**
 * A destination that a job sent packets to, as the kernel counted them.
 *
 * @param name that the resolver last answered the address for, if it did
 * @param protocol {@code tcp}, {@code udp}, {@code icmp}, or the number of what never gets out
 * @param port 0 where the protocol has none
 * @param packets sent
 * @param bytes sent, headers included
 * @param allowed whether they got out
 */
public record Contact(
    Ip address,
    Optional<String> name,
    String protocol,
    int port,
    long packets,
    long bytes,
    boolean allowed) {}
