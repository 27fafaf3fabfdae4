package dev.holdfast.sdk;

/**
 * A step of a job, for the tools that read it; authors write {@link Job#step(String, Action)}.
 *
 * @param name unique in its job
 * @param action what it does
 * @param place where it was written
 */
public record Step(String name, Action action, Place place) {}
