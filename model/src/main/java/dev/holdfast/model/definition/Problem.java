package dev.holdfast.model.definition;

/**
 * Something wrong with a definition.
 *
 * @param path where, as {@code workflows[ci].jobs[test].needs[0]}: list items that have a name are
 *     addressed by it. A front end maps this to a file and a line.
 * @param message one line: what is wrong, and the mend
 */
public record Problem(String path, String message) {}
