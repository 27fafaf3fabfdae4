package dev.holdfast.agent.sandbox.microvm.image;

import java.time.Instant;

/**
 * One image, as its record says.
 *
 * @param id digest of the digests below: what it is, whatever it is called
 * @param name by which an operator chose it
 * @param base digest of its file system, which is read-only
 * @param bytes of that
 * @param kernel digest
 * @param kernelVersion as {@code uname -r} says inside
 * @param initramfs digest; the guest agent is in it
 * @param runner version of the runner in the base
 * @param source what it was made from, in words
 */
public record MachineImage(
    String id,
    String name,
    String base,
    long bytes,
    String kernel,
    String kernelVersion,
    String initramfs,
    String runner,
    String source,
    Instant made) {

  private static final String DIGEST = "[0-9a-f]{64}";

  public MachineImage {
    for (String digest : new String[] {id, base, kernel, initramfs}) {
      if (!digest.matches(DIGEST)) {
        throw new IllegalArgumentException("not a digest: " + digest);
      }
    }
    if (!isName(name)) {
      throw new IllegalArgumentException("not a name of an image: " + name);
    }
  }

  public static boolean isName(String name) {
    return name.matches("[a-z0-9][a-z0-9._-]{0,62}");
  }
}
