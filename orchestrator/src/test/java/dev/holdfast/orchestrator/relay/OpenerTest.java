package dev.holdfast.orchestrator.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.wire.relay.Original;
import dev.holdfast.model.wire.relay.RelayApi.PublicKey;
import dev.holdfast.model.wire.relay.Sealing;
import dev.holdfast.relay.seal.Sealer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What was sealed opens as what it was, for whom it was, and not otherwise. */
class OpenerTest {
  private static final Sealing.Bound BOUND =
      new Sealing.Bound("tenant", "source", "delivery", Instant.ofEpochMilli(1_700_000_000_123L));
  private static final Original ORIGINAL =
      new Original(
          "POST",
          Map.of("x-github-event", "push"),
          "{\"a\": \"ä\"}".getBytes(StandardCharsets.UTF_8));

  /** RFC 9180, appendix A.2.1: X25519, HKDF-SHA256, ChaCha20-Poly1305, base mode. */
  @Test
  void theStandardsOwnExampleOpens() throws Exception {
    byte[] plain =
        Opener.plain(
            new Opener.Key(
                hex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb"),
                PublicKey.of(
                    hex("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a"))),
            hex("4f6465206f6e2061204772656369616e2055726e"),
            hex("436f756e742d30"),
            hex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a"),
            hex(
                "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2d"
                    + "d1b51a28"));
    assertThat(new String(plain, StandardCharsets.US_ASCII))
        .isEqualTo("Beauty is truth, truth beauty");
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  private static byte[] sealed(Opener.Key key) {
    return new Sealer().seal(key.open(), BOUND, ORIGINAL).bytes();
  }

  @Test
  void whatTheRelaySealsOpens() throws Exception {
    Opener.Key key = Opener.Key.make();
    Original opened = Opener.open(key, BOUND, sealed(key));
    assertThat(opened.method()).isEqualTo("POST");
    assertThat(opened.headers()).isEqualTo(ORIGINAL.headers());
    assertThat(opened.body()).isEqualTo(ORIGINAL.body());
  }

  @ParameterizedTest
  @CsvSource({
    "other,source,delivery,1700000000123",
    "tenant,other,delivery,1700000000123",
    "tenant,source,other,1700000000123",
    "tenant,source,delivery,1700000000124",
    "tenantsource,source,delivery,1700000000123"
  })
  void boundToSomethingElseItDoesNotOpen(
      String tenant, String source, String delivery, long arrived) {
    Opener.Key key = Opener.Key.make();
    var other = new Sealing.Bound(tenant, source, delivery, Instant.ofEpochMilli(arrived));
    assertThatThrownBy(() -> Opener.open(key, other, sealed(key)))
        .isInstanceOf(Opener.Unopened.class);
  }

  @Test
  void withAnyBitChangedItDoesNotOpen() {
    Opener.Key key = Opener.Key.make();
    byte[] sealed = sealed(key);
    for (int i = 0; i < sealed.length; i++) {
      byte[] altered = sealed.clone();
      altered[i] ^= (byte) (1 << (i % 8));
      // X25519 takes no notice of the topmost bit of a point, as its standard says; the key that
      // comes of it is another all the same, since it is over the point's bytes.
      assertThatThrownBy(() -> Opener.open(key, BOUND, altered))
          .as("byte " + i)
          .isInstanceOf(Opener.Unopened.class);
    }
  }

  @Test
  void withAnotherKeyOrAPointThatIsNoneItDoesNotOpen() {
    Opener.Key key = Opener.Key.make();
    byte[] sealed = sealed(key);
    assertThatThrownBy(() -> Opener.open(Opener.Key.make(), BOUND, sealed))
        .isInstanceOf(Opener.Unopened.class);
    byte[] zero = sealed.clone();
    java.util.Arrays.fill(zero, 1, 33, (byte) 0);
    assertThatThrownBy(() -> Opener.open(key, BOUND, zero)).isInstanceOf(Opener.Unopened.class);
    assertThatThrownBy(() -> Opener.open(key, BOUND, new byte[0]))
        .isInstanceOf(Opener.Unopened.class);
  }

  @Test
  void aKeyDoesNotShowItself() {
    Opener.Key key = Opener.Key.make();
    assertThat(key.toString()).isEqualTo("the key " + key.open().id());
  }
}
