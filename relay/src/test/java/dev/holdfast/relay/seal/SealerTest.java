package dev.holdfast.relay.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.wire.relay.Original;
import dev.holdfast.model.wire.relay.RelayApi.PublicKey;
import dev.holdfast.model.wire.relay.Sealing;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class SealerTest {
  // RFC 9180, A.2.1 and A.2.1.1, sequence number 0.
  private static final byte[] SECRET =
      hex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb");
  private static final byte[] POINT =
      hex("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a");
  private static final byte[] SENDER_SECRET =
      hex("f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600");
  private static final byte[] SENDER_POINT =
      hex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a");
  private static final byte[] INFO = hex("4f6465206f6e2061204772656369616e2055726e");
  private static final byte[] AAD = hex("436f756e742d30");
  private static final byte[] PLAIN =
      "Beauty is truth, truth beauty".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TEXT =
      hex(
          "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db"
              + "21993c62ce81883d2dd1b51a28");

  private static final Sealing.Bound BOUND =
      new Sealing.Bound("ten_1", "src_1", "dlv_1", Instant.ofEpochMilli(1_764_000_000_000L));

  private final Sealer sealer = new Sealer();

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  @Test
  void theLibraryMakesWhatTheStandardSaysItMakes() throws Exception {
    var hpke = new HPKE(HPKE.mode_base, Sealing.KEM, Sealing.KDF, Sealing.AEAD);
    AsymmetricCipherKeyPair sender = hpke.deserializePrivateKey(SENDER_SECRET, SENDER_POINT);
    HPKEContextWithEncapsulation context =
        hpke.setupBaseS(hpke.deserializePublicKey(POINT), INFO, sender);
    assertThat(context.getEncapsulation()).isEqualTo(SENDER_POINT);
    assertThat(context.seal(AAD, PLAIN)).isEqualTo(TEXT);
  }

  @Test
  void theOtherImplementationOpensWhatTheStandardSays() throws Exception {
    assertThat(Opener.of(SECRET, POINT).open(SENDER_POINT, INFO, AAD, TEXT)).isEqualTo(PLAIN);
  }

  @Test
  void whatIsSealedIsOpenedByAnotherImplementation() throws Exception {
    Opener opener = Opener.make();
    byte[] body = new byte[300_000];
    java.util.Arrays.fill(body, (byte) 'x');
    Sealed sealed =
        sealer.seal(
            opener.key(), BOUND, new Original("POST", Map.of("x-github-event", "push"), body));
    assertThat(sealed.key()).isEqualTo(opener.key().id());
    Original back = opener.open(sealed.bytes(), BOUND);
    assertThat(back.body()).isEqualTo(body);
    assertThat(back.headers()).containsEntry("x-github-event", "push");
  }

  /** The library's object is not for several threads; one that is shared spoils some of these. */
  @Test
  void whatManySealAtOnceIsOpenedToTheLast() throws Exception {
    Opener opener = Opener.make();
    var sealed = new java.util.concurrent.ConcurrentLinkedQueue<Sealed>();
    try (var threads = java.util.concurrent.Executors.newFixedThreadPool(8)) {
      for (int i = 0; i < 4000; i++) {
        threads.execute(() ->
            sealed.add(
                sealer.seal(opener.key(), BOUND, new Original("POST", Map.of(), new byte[10]))));
      }
    }
    assertThat(sealed).hasSize(4000);
    for (Sealed one : sealed) {
      assertThat(opener.open(one.bytes(), BOUND).body()).hasSize(10);
    }
  }

  @Test
  void whatIsSealedIsNoLongerThanSaid() {
    var original = new Original("POST", Map.of(), new byte[1000]);
    assertThat(sealer.seal(Opener.make().key(), BOUND, original).bytes())
        .hasSize(original.bytes().length + Sealing.OVERHEAD);
  }

  @Test
  void aDeliveryDoesNotOpenForAnotherTenantSourceIdOrTimeNorWithAnyBitChanged() throws Exception {
    Opener opener = Opener.make();
    byte[] sealed =
        sealer.seal(opener.key(), BOUND, new Original("POST", Map.of(), new byte[] {1})).bytes();
    for (Sealing.Bound other :
        new Sealing.Bound[] {
          new Sealing.Bound("ten_2", "src_1", "dlv_1", BOUND.arrived()),
          new Sealing.Bound("ten_1", "src_2", "dlv_1", BOUND.arrived()),
          new Sealing.Bound("ten_1", "src_1", "dlv_2", BOUND.arrived()),
          new Sealing.Bound("ten_1", "src_1", "dlv_1", BOUND.arrived().plusMillis(1))
        }) {
      assertThatThrownBy(() -> opener.open(sealed, other)).as(other.toString()).isNotNull();
    }
    for (int at = 0; at < sealed.length; at++) {
      // The last bit of a point is not part of it (RFC 7748); its encapsulation is hashed as sent.
      byte[] changed = sealed.clone();
      changed[at] ^= 0x01;
      assertThatThrownBy(() -> opener.open(changed, BOUND)).as("byte " + at).isNotNull();
    }
    assertThatThrownBy(() -> Opener.make().open(sealed, BOUND)).isNotNull();
    assertThat(opener.open(sealed, BOUND).body()).containsExactly(1);
  }

  @Test
  void nothingIsSealedToAPointWithWhichEverySecretIsTheSame() {
    assertThat(sealer.usable(PublicKey.of(new byte[32]))).isFalse();
    byte[] one = new byte[32];
    one[0] = 1;
    assertThat(sealer.usable(PublicKey.of(one))).isFalse();
    assertThat(sealer.usable(Opener.make().key())).isTrue();
  }
}
