package dev.holdfast.model.plan;

import dev.holdfast.model.definition.Job;
import java.util.List;
import java.util.Map;

/**
 * One job of a run.
 *
 * @param key unique in the run: the job's name, and for a matrix its values in brackets
 * @param matrix this combination's value for each axis; empty without a matrix
 * @param needs keys of the jobs that must be over first
 */
public record PlannedJob(String key, Map<String, String> matrix, List<String> needs, Job job) {}
