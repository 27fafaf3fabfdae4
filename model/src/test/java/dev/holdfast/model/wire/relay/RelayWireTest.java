package dev.holdfast.model.wire.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.relay.RelayApi.Delivery;
import dev.holdfast.model.wire.relay.RelayApi.Pull;
import dev.holdfast.model.wire.relay.RelayApi.Pulled;
import dev.holdfast.model.wire.relay.RelayApi.PutSource;
import dev.holdfast.model.wire.relay.RelayApi.Standing;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class RelayWireTest {
  private static final Instant THEN = Instant.parse("2026-11-27T12:00:00.123Z");
  private static final String SECRET = "A".repeat(43);

  @Test
  void anOriginalKeepsEveryByteOfItsBody() {
    byte[] body = new byte[256];
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) i;
    }
    var sent = new Original("POST", Map.of("x-github-event", "push"), body);
    Original back = Original.of(sent.bytes());
    assertThat(back.method()).isEqualTo("POST");
    assertThat(back.headers()).isEqualTo(sent.headers());
    assertThat(back.body()).isEqualTo(body);
  }

  @Test
  void anOriginalThatIsCutOrOfAnotherVersionIsRefused() {
    byte[] whole = new Original("POST", Map.of(), new byte[0]).bytes();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatIllegalArgumentException().isThrownBy(() -> Original.of(cut));
    }
    whole[0] = 2;
    assertThatIllegalArgumentException().isThrownBy(() -> Original.of(whole));
    whole[0] = Original.VERSION;
    whole[1] = (byte) 0x80;
    assertThatIllegalArgumentException().isThrownBy(() -> Original.of(whole));
  }

  @Test
  void aSecretThatGitLabShowsIsNeverPassedOn() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Original("POST", Map.of("x-gitlab-token", "s"), new byte[0]));
    assertThat(Original.HEADERS).doesNotContain("x-gitlab-token", "authorization", "cookie");
  }

  @Test
  void whatADeliveryIsBoundToDiffersInEachPart() {
    var bound = new Sealing.Bound("ten_a", "src_b", "dlv_c", THEN);
    assertThat(bound.info())
        .isNotEqualTo(new Sealing.Bound("ten_as", "rc_b", "dlv_c", THEN).info())
        .isNotEqualTo(new Sealing.Bound("ten_b", "src_b", "dlv_c", THEN).info())
        .isNotEqualTo(new Sealing.Bound("ten_a", "src_c", "dlv_c", THEN).info());
    assertThat(bound.aad())
        .isNotEqualTo(new Sealing.Bound("ten_a", "src_b", "dlv_d", THEN).aad())
        .isNotEqualTo(new Sealing.Bound("ten_a", "src_b", "dlv_c", THEN.plusMillis(1)).aad())
        .isEqualTo(new Sealing.Bound("ten_a", "src_b", "dlv_c", THEN.plusNanos(1)).aad());
  }

  @Test
  void aBatchComesBackAsItWasAndNotOneByteShorterOrLonger() {
    byte[] one = new byte[Sealing.OVERHEAD];
    byte[] two = new byte[Sealing.OVERHEAD + 7];
    Arrays.fill(two, (byte) 3);
    var batch =
        new Batch(
            new Pulled(
                List.of(
                    new Delivery("dlv_1", "src_1", 1, THEN, "k1", one.length),
                    new Delivery("dlv_2", "src_1", 2, THEN, "k1", two.length)),
                new Standing(2, 105, 0, 0)),
            List.of(one, two));
    byte[] first = Batch.first(batch.head());
    byte[] all = Arrays.copyOf(first, first.length + one.length + two.length);
    System.arraycopy(two, 0, all, first.length + one.length, two.length);
    Batch back = Batch.of(all);
    assertThat(back.head()).isEqualTo(batch.head());
    assertThat(back.sealed().get(1)).isEqualTo(two);
    for (int length : List.of(0, 3, first.length - 1, all.length - 1, all.length + 1)) {
      byte[] other = Arrays.copyOf(all, length);
      assertThatIllegalArgumentException().isThrownBy(() -> Batch.of(other));
    }
  }

  @Test
  void messagesAreBoundedWhereTheyAreRead() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Pull("p", List.of(), 501, 0, Duration.ZERO));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Pull("p", List.of(), 1, 0, Duration.ofSeconds(61)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PutSource("short", List.of(), Duration.ZERO));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PutSource(SECRET, List.of("example.org/8"), Duration.ZERO));
    assertThatExceptionOfType(MalformedJson.class)
        .isThrownBy(() -> Records.read(RelayApi.PublicKey.class, "\"AAAA\""));
  }

  /**
   * Every message there is. One that is not here is a change of what a relay can say: it can say
   * that a delivery exists, and answer what it was asked; nothing in here tells an orchestrator to
   * do something, and nothing carries source, secrets, logs or artifacts.
   */
  @Test
  void aRelayHasNothingToSayButThatDeliveriesExist() {
    assertThat(Arrays.stream(RelayApi.class.getDeclaredClasses()).map(Class::getSimpleName))
        .containsExactlyInAnyOrder(
            "PublicKey",
            "Enrol",
            "Enrolled",
            "Pull",
            "Delivery",
            "Standing",
            "Pulled",
            "PutKey",
            "KeyTaken",
            "PutCredential",
            "CredentialTaken",
            "PutSource",
            "SourceTaken",
            "Source",
            "Sources",
            "SourceGone",
            "Refusal");
    assertThat(Records.fieldNames(Pulled.class)).containsExactly("deliveries", "standing");
    assertThat(Records.fieldNames(Delivery.class))
        .containsExactly("delivery", "source", "number", "arrived", "key", "length");
  }

  @Test
  void anInvitationIsOneLine() {
    var invitation = new Invitation("https://relay.example.org", "hfre_" + SECRET);
    assertThat(Invitation.of(" " + invitation.line() + "\n")).isEqualTo(invitation);
    assertThat(invitation.toString()).doesNotContain(SECRET);
    assertThatIllegalArgumentException().isThrownBy(() -> Invitation.of("https://r#hfre_short"));
    assertThatIllegalArgumentException().isThrownBy(() -> Invitation.of("ftp://r#hfre_" + SECRET));
  }
}
