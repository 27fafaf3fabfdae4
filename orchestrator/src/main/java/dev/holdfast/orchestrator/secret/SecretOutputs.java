package dev.holdfast.orchestrator.secret;

/**
 * Seals what jobs hand to other jobs of their run and nobody may read on the way. Thread-safe.
 *
 * <p>May ask a key service, so it is never to be called within a read or a write of the database:
 * seal first, then write; read, then open.
 */
public interface SecretOutputs {
  /** {@code value}, sealed for exactly this place. */
  String seal(Place place, byte[] value);

  /**
   * What was sealed for {@code place}.
   *
   * @throws dev.holdfast.orchestrator.seal.Seal.Broken if it was changed or is another place's
   */
  byte[] open(Place place, String sealed);

  /**
   * Where a value belongs.
   *
   * @param repository Holdfast's id of it
   * @param job its key in that run
   * @param attempt that puts it out
   * @param output its name
   */
  record Place(String repository, String run, String job, String attempt, String output) {}
}
