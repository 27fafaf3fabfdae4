package dev.holdfast.agent.sandbox.microvm.vmm;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a machine boots.
 *
 * @param image an uncompressed ELF {@code vmlinux}, or a {@code bzImage} where the monitor takes
 *     one
 * @param arguments of the kernel; a monitor adds what it alone needs
 */
public record Kernel(Path image, Optional<Path> initrd, String arguments) {}
