package dev.holdfast.orchestrator.run;

import dev.holdfast.model.plan.PlannedJob;
import java.util.List;
import java.util.Optional;

/**
 * A run to make.
 *
 * @param id that it will have, so that what lets it start can be signed before it is there
 * @param event what the run's jobs are told, where it is not the inbox's own text
 * @param plan {@code jobs} as a document
 */
public record NewRun(
    String id,
    String repository,
    String eventId,
    String workflow,
    String ref,
    String commit,
    Optional<String> event,
    List<PlannedJob> jobs,
    Plans.Document plan,
    Optional<Plans.Document> sources,
    Decided decided) {}
