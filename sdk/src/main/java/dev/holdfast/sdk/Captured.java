package dev.holdfast.sdk;

/**
 * How a script ended whose output was caught.
 *
 * @param exitCode 0 for success; 128 and the signal's number if a signal ended it
 * @param output standard output and error, as one text
 */
public record Captured(int exitCode, String output) {}
