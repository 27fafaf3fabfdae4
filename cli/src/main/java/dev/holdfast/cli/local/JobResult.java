package dev.holdfast.cli.local;

import dev.holdfast.model.run.JobState;
import java.time.Duration;

/**
 * How a job ended here.
 *
 * @param reason one line; empty where there is nothing to say
 */
public record JobResult(String key, JobState state, String reason, Duration took) {}
