package dev.holdfast.agent.sandbox.microvm;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What an operator says of machines.
 *
 * @param image by the name that {@code holdfast image build} gave it
 * @param tcg whether machines may be run by translation where the processor runs none
 * @param warm what is made before a job wants it
 * @param firecracker what starts machines in place of QEMU under KVM
 */
public record MicrovmSettings(String image, Tcg tcg, Warm warm, Optional<Firecracker> firecracker) {
  /** The name of an image where nobody says another. */
  public static final String USUAL_IMAGE = "default";

  /** Translation is slow, and guards less: it is never taken unless it was named. */
  public enum Tcg {
    REFUSE,
    /** Where no machine runs under KVM. */
    ALLOW,
    /** KVM is not even tried. */
    ONLY
  }

  /** The two programs of one release. */
  public record Firecracker(Path firecracker, Path jailer) {}

  /** With machines by QEMU. */
  public MicrovmSettings(String image, Tcg tcg, Warm warm) {
    this(image, tcg, warm, Optional.empty());
  }

  /** With nothing made ahead: every machine boots its kernel. */
  public MicrovmSettings(String image, Tcg tcg) {
    this(image, tcg, Warm.none());
  }

  public static MicrovmSettings standard() {
    return new MicrovmSettings(USUAL_IMAGE, Tcg.REFUSE, Warm.standard());
  }
}
