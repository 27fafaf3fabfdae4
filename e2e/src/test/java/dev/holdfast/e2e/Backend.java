package dev.holdfast.e2e;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;

/** The backends that jobs are run on here. */
enum Backend {
  NAMESPACES,
  CONTAINER;

  private static final String IMAGE = "holdfast/demo-debian:1";

  /** Skips the test, saying so, where this backend cannot be tested. */
  void assume() {
    if (this == CONTAINER) {
      Assumptions.assumeTrue(
          System.getenv("HOLDFAST_TEST_ENGINE") != null,
          "SKIPPED: no container engine for tests; script/test starts one");
    }
  }

  List<String> arguments() {
    return switch (this) {
      case NAMESPACES -> List.of("--backend", "namespaces");
      case CONTAINER -> List.of("--backend", "container", "--image", IMAGE);
    };
  }

  Map<String, String> env() {
    return switch (this) {
      case NAMESPACES -> Map.of();
      case CONTAINER ->
          Map.of("DOCKER_HOST", Objects.requireNonNull(System.getenv("HOLDFAST_TEST_ENGINE")));
    };
  }
}
