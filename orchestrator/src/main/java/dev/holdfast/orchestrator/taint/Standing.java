package dev.holdfast.orchestrator.taint;

import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.orchestrator.run.Attempt;
import dev.holdfast.orchestrator.run.Run;

/**
 * An attempt, as the orchestrator itself knows it.
 *
 * @param event that its run is of, as it was cleared
 * @param definition the digest of what runs, as it was cleared
 * @param trust of everybody who had a hand in it, as it was cleared
 * @param taint that, or the least of what it was given: how far what it makes is trusted
 * @param mayWriteCaches whether its run was let
 */
public record Standing(
    Attempt attempt,
    Run run,
    PlannedJob job,
    Event event,
    Digest definition,
    Trust trust,
    Trust taint,
    boolean mayWriteCaches) {}
