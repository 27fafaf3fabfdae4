package dev.holdfast.agent.inventory;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * An attempt that is over, and how its parts are told on the host.
 *
 * @param directory the attempt's own, by its real path
 * @param user of the host that no other sandbox has at the same time; none where there is no such
 * @param closing when its sandbox began to be destroyed, in the kernel's ticks since it booted:
 *     from then on its user may be another's
 * @param link its interface on this host; none where it had no network
 */
public record Subject(
    String attempt,
    Path directory,
    OptionalInt user,
    OptionalLong closing,
    Optional<String> link) {}
