package dev.holdfast.orchestrator.seal;

/**
 * A key that wraps data keys, and is not in the database. It may be somewhere else altogether: a
 * call can take seconds, and is never made within a read or a write of the database. Thread-safe.
 */
interface MasterKey {
  /**
   * {@code key}, wrapped so that it can be unwrapped only with the same {@code bound}.
   *
   * @throws KeysUnavailable if it cannot be done now
   */
  String wrap(byte[] key, byte[] bound);

  /**
   * What {@link #wrap} wrapped; to be zeroed by whoever gets it.
   *
   * @throws KeysUnavailable if it cannot be done now
   * @throws DoesNotOpen if it was changed, or is another key's or another place's
   */
  byte[] unwrap(String wrapped, byte[] bound) throws DoesNotOpen;

  /** It was not wrapped by this key for this place. */
  final class DoesNotOpen extends Exception {
    private static final long serialVersionUID = 1L;

    DoesNotOpen(String message) {
      super(message);
    }
  }
}
