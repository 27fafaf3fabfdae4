package dev.holdfast.agent.sandbox.microvm.firecracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.agent.sandbox.microvm.firecracker.FirecrackerVersion.Feature;
import dev.holdfast.agent.sandbox.microvm.vmm.VmmFailed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FirecrackerVersionTest {
  @Test
  void aFeatureIsThereFromItsVersionOn() throws Exception {
    assertThat(FirecrackerVersion.of("1.11.9").has(Feature.NETWORK_OVERRIDES)).isFalse();
    assertThat(FirecrackerVersion.of("v1.12.0").has(Feature.NETWORK_OVERRIDES)).isTrue();
    assertThat(FirecrackerVersion.of("1.15.3").has(Feature.SERIAL)).isTrue();
    assertThat(FirecrackerVersion.of("1.15.3").has(Feature.SERIAL_RATE)).isFalse();
    assertThat(FirecrackerVersion.of("2.0.0").has(Feature.CLOCK_REALTIME)).isTrue();
    assertThat(FirecrackerVersion.of("1.17.0-dev")).hasToString("1.17.0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1.16", "one", "1.16.1; rm", "1.16.99999", "1.7.9", "0.25.0"})
  void whatIsNoVersionOrAnOldOneIsRefused(String text) {
    assertThatThrownBy(() -> FirecrackerVersion.of(text)).isInstanceOf(VmmFailed.class);
  }
}
