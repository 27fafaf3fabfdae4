package dev.holdfast.orchestrator.environment;

import dev.holdfast.model.definition.EnvironmentPattern;
import dev.holdfast.model.environment.Environment;
import dev.holdfast.model.environment.EnvironmentRules;
import dev.holdfast.model.trust.Lookup;
import java.time.Instant;
import java.util.Optional;

/**
 * An environment as it is kept.
 *
 * @param rules failed where they are not what the orchestrator signed, or cannot be read
 * @param by the id of who set it
 */
public record Kept(
    EnvironmentPattern name,
    Lookup<EnvironmentRules> rules,
    String by,
    Instant at,
    Optional<Environment.Lock> lock) {}
