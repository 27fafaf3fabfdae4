package dev.holdfast.cli.local;

import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.plan.PlannedJob;
import java.util.List;
import java.util.Optional;

/**
 * One workflow to run here.
 *
 * @param jobs those to run; what they need is among them
 * @param sources of its code steps
 */
public record LocalPlan(
    Workflow workflow, Event event, List<PlannedJob> jobs, Optional<Sources> sources) {}
