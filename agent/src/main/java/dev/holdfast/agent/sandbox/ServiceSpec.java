package dev.holdfast.agent.sandbox;

import dev.holdfast.model.definition.Service;
import java.util.Optional;

/**
 * A container that is to be beside a sandbox.
 *
 * @param pinned the very image that an earlier attempt had
 * @param mayBeRoot whether it may be root in its container, where its image says so
 */
public record ServiceSpec(Service service, Optional<String> pinned, boolean mayBeRoot) {}
