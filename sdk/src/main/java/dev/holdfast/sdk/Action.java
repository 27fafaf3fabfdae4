package dev.holdfast.sdk;

/** What a step does: a {@link Command} for the shell, or {@link Code} in Java. */
public sealed interface Action permits Command, Code {}
