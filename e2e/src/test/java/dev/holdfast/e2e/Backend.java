package dev.holdfast.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;

/** The backends that jobs are run on here. */
enum Backend {
  NAMESPACES,
  CONTAINER,
  /** Under QEMU by translation, since that runs everywhere. */
  MICROVM;

  private static final String IMAGE = "holdfast/demo-debian:1";
  private static final String KERNEL = "HOLDFAST_TEST_KERNEL";
  private static final String SYSTEM = "HOLDFAST_TEST_ROOTFS";

  /** Skips the test, saying so, where this backend cannot be tested. */
  void assume() {
    if (this == CONTAINER) {
      Assumptions.assumeTrue(
          System.getenv("HOLDFAST_TEST_ENGINE") != null,
          "SKIPPED: no container engine for tests; script/test starts one");
    }
    if (this == MICROVM) {
      Assumptions.assumeTrue(
          Boolean.getBoolean("holdfast.machines"),
          "SKIPPED: machines are slow without KVM; script/show microvm runs them, with"
              + " -Dholdfast.machines=true");
      for (String name : List.of(KERNEL, SYSTEM)) {
        Assumptions.assumeTrue(
            System.getenv(name) != null, "SKIPPED: no " + name + "; script/test sets it");
      }
    }
  }

  /** What an agent of that name is started with; makes what it needs in its data folder first. */
  List<String> prepare(Installation holdfast, String agent) {
    return switch (this) {
      case NAMESPACES -> List.of("--backend", "namespaces");
      case CONTAINER -> List.of("--backend", "container", "--image", IMAGE);
      case MICROVM -> {
        Path data = holdfast.agentData(agent);
        Path policy = data.resolveSibling("agent.yaml");
        if (!Files.exists(policy)) {
          holdfast
              .cli(
                  "image",
                  "build",
                  "default",
                  "--data",
                  data.toString(),
                  "--from",
                  Objects.requireNonNull(System.getenv(SYSTEM)),
                  "--kernel",
                  Objects.requireNonNull(System.getenv(KERNEL)))
              .ok();
          try {
            Files.writeString(policy, "microvm: {tcg: only}\n");
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
        yield List.of("--backend", "microvm", "--policy", policy.toString());
      }
    };
  }

  /** How long a run of a few jobs may take: each start of a machine by translation is a minute. */
  Duration patience() {
    return this == MICROVM ? Duration.ofMinutes(12) : Duration.ofMinutes(3);
  }

  /** How long an agent may take until it takes jobs; one with machines tries one first. */
  Duration startup() {
    return this == MICROVM ? Duration.ofMinutes(3) : Duration.ofSeconds(30);
  }

  Map<String, String> env() {
    return switch (this) {
      case NAMESPACES, MICROVM -> Map.of();
      case CONTAINER ->
          Map.of("DOCKER_HOST", Objects.requireNonNull(System.getenv("HOLDFAST_TEST_ENGINE")));
    };
  }
}
