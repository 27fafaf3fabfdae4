package dev.holdfast.model.wire.relay;

import dev.holdfast.model.wire.Bounds;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Everything that orchestrator and relay say to each other, as JSON over HTTP that the orchestrator
 * dials. But for {@link Enrol}, every call carries the tenant's credential as a bearer. Every call
 * can be repeated without harm, and any relay behind one name can answer it.
 *
 * <table>
 *   <caption>Calls; refusals are {@link Refusal} with 400, 401, 404, 409, 413, 429 or 503</caption>
 *   <tr><td>{@code POST /relay/v1/enrol}</td><td>Enrol → Enrolled; 401 if the token is none</td></tr>
 *   <tr><td>{@code POST /relay/v1/pull}</td><td>Pull → {@link Batch}, not JSON (long poll)</td></tr>
 *   <tr><td>{@code POST /relay/v1/key}</td><td>PutKey → KeyTaken</td></tr>
 *   <tr><td>{@code POST /relay/v1/credential}</td><td>PutCredential → CredentialTaken</td></tr>
 *   <tr><td>{@code GET /relay/v1/sources}</td><td>→ Sources</td></tr>
 *   <tr><td>{@code PUT /relay/v1/sources/SOURCE}</td><td>PutSource → SourceTaken</td></tr>
 *   <tr><td>{@code DELETE /relay/v1/sources/SOURCE}</td><td>→ SourceGone, also where there is none</td></tr>
 * </table>
 *
 * <p>A relay has one thing to say that leads to anything: that a delivery exists. There is no
 * message for a command, and there must be none.
 */
public final class RelayApi {
  /** An orchestrator that speaks another version is refused with a sentence that says so. */
  public static final int VERSION = 1;

  /** What a single-use token for enrolment starts with. */
  public static final String TOKEN = "hfre_";

  /** What a tenant's credential starts with. */
  public static final String CREDENTIAL = "hfrc_";

  /** What stands before the secret in the path at which a forge posts. */
  public static final String INGRESS = "/in/";

  /** Bytes of a body that a relay takes, where its operator says nothing else, and at most. */
  public static final int LARGEST_BODY = 25 * 1024 * 1024;

  private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9_-]{43}");
  private static final Pattern RANGE = Pattern.compile("[0-9a-fA-F.:]{2,45}/[0-9]{1,3}");

  private RelayApi() {}

  /** Refuses what is not 32 bytes as Base64 for URLs, without padding. */
  private static void unguessable(String what, String text) {
    if (!SECRET.matcher(text).matches()) {
      throw new IllegalArgumentException(what + " is not 32 random bytes as Base64 for URLs");
    }
  }

  private static void prefixed(String what, String prefix, String text) {
    if (!text.startsWith(prefix)) {
      throw new IllegalArgumentException(what + " does not start with " + prefix);
    }
    unguessable(what, text.substring(prefix.length()));
  }

  /** How long what is replaced is still taken. */
  private static void bounded(Duration overlap) {
    Bounds.range("overlap in ms", overlap.toMillis(), 0, Duration.ofDays(7).toMillis());
  }

  /**
   * A tenant's public key, to which deliveries are sealed: X25519, 32 bytes as Base64.
   *
   * @param value what its private half is kept for by the orchestrator alone
   */
  public record PublicKey(String value) {
    public PublicKey {
      int length;
      try {
        length = Base64.getDecoder().decode(value).length;
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("the public key is not Base64", e);
      }
      Bounds.range("the public key's length in bytes", length, 32, 32);
    }

    public static PublicKey of(byte[] bytes) {
      return new PublicKey(Base64.getEncoder().encodeToString(bytes));
    }

    public byte[] bytes() {
      return Base64.getDecoder().decode(value);
    }

    /** What names it in a {@link Delivery}. */
    public String id() {
      return Sealing.keyId(bytes());
    }
  }

  /**
   * The first call. The token becomes the caller's for good: with another credential it is refused
   * from then on, with the same one the answer is the same.
   *
   * @param version {@link #VERSION}
   * @param token single-use, from the relay's operator
   * @param credential that the caller made, and kept before it calls: {@link #CREDENTIAL} and 32
   *     random bytes. The relay keeps its hash
   */
  public record Enrol(int version, String token, String credential, PublicKey key) {
    public Enrol {
      prefixed("the token", TOKEN, token);
      prefixed("the credential", CREDENTIAL, credential);
    }

    /** Not the secrets: this may reach a log. */
    @Override
    public String toString() {
      return "an enrolment";
    }
  }

  /**
   * @param tenant its id at this relay; part of what every delivery is sealed with
   * @param ingress the address at which forges reach the relay; with {@link #INGRESS} and a
   *     source's secret behind it, where that source's forge posts
   */
  public record Enrolled(String tenant, String ingress) {
    public Enrolled {
      Bounds.id("a tenant", tenant);
    }
  }

  /**
   * Acknowledges deliveries and asks for more. Answered at once if there are any, else when there
   * are, else without any after {@code patience}.
   *
   * <p>Deliveries of one source come in the order in which the relay took them, each at least once.
   * A source that one puller has deliveries of gives nothing to another until all of them are
   * acknowledged, or the lease of them is over. The same puller may have more of it meanwhile.
   *
   * @param puller made up by the caller when it starts, so that it and others of its tenant are
   *     told apart; not to be taken up again by another process
   * @param acks ids of deliveries that are durably in the caller's own inbox, whoever pulled them
   * @param most deliveries to give; 0 to acknowledge only, which is answered at once
   * @param mostBytes of what is sealed, together; the first one comes whatever its size
   * @param patience at most 60 s
   */
  public record Pull(String puller, List<String> acks, int most, int mostBytes, Duration patience) {
    /** Of deliveries, in one call. */
    public static final int MOST = 500;

    public Pull {
      Bounds.id("a puller", puller);
      Bounds.range("the count of acks", acks.size(), 0, MOST);
      acks.forEach(ack -> Bounds.id("a delivery", ack));
      Bounds.range("most", most, 0, MOST);
      Bounds.range("most-bytes", mostBytes, 0, 64 * 1024 * 1024);
      Bounds.range("patience in ms", patience.toMillis(), 0, 60_000);
    }
  }

  /**
   * All that a relay says, and knows, of a delivery. What was posted is in the sealed bytes, which
   * it cannot open.
   *
   * @param delivery its id, unique at the relay
   * @param source the id that the tenant gave the source
   * @param number counts up with each delivery of the source, from 1; a delivery that was dropped
   *     leaves a gap
   * @param arrived when the relay had all of it, to the millisecond
   * @param key {@link PublicKey#id} of the key that it is sealed to
   * @param length of the sealed bytes
   */
  public record Delivery(
      String delivery, String source, long number, Instant arrived, String key, int length) {
    public Delivery {
      Bounds.id("a delivery", delivery);
      Bounds.id("a source", source);
      Bounds.id("a key", key);
      Bounds.range("number", number, 1, Long.MAX_VALUE);
      Bounds.range("length", length, Sealing.OVERHEAD, Sealing.LONGEST);
    }

    /** What its sealed bytes are bound to. */
    public Sealing.Bound bound(String tenant) {
      return new Sealing.Bound(tenant, source, delivery, arrived);
    }
  }

  /**
   * What the relay holds for the tenant, and did not keep.
   *
   * @param waiting deliveries that are not acknowledged, those of this answer among them
   * @param bytes of them, sealed
   * @param refused not taken, for the tenant had all that it may have; the forge was told
   * @param expired taken, and dropped after the relay's longest time
   */
  public record Standing(long waiting, long bytes, long refused, long expired) {}

  /** The head of a {@link Batch}. */
  public record Pulled(List<Delivery> deliveries, Standing standing) {
    public Pulled {
      Bounds.range("the count of deliveries", deliveries.size(), 0, Pull.MOST);
    }
  }

  /** From now on deliveries are sealed to this key. */
  public record PutKey(PublicKey key) {}

  /**
   * @param needed ids of keys that something kept is sealed to, the current one among them: the
   *     private halves of all others can go
   */
  public record KeyTaken(List<String> needed) {}

  /**
   * From now on this is the credential, and the one that the call came with for {@code overlap}
   * more; any other ends at once.
   */
  public record PutCredential(String credential, Duration overlap) {
    public PutCredential {
      prefixed("the credential", CREDENTIAL, credential);
      bounded(overlap);
    }

    @Override
    public String toString() {
      return "a credential";
    }
  }

  /**
   * @param until the former one is taken
   */
  public record CredentialTaken(Instant until) {}

  /**
   * Makes the source of that id, or changes it. The same again changes nothing.
   *
   * @param secret the unguessable part of its address, which the caller made: 32 random bytes as
   *     Base64 for URLs without padding. The relay keeps its hash
   * @param ranges addresses that may post to it, as {@code 192.0.2.0/24}; none for any. The relay
   *     comes to know them
   * @param overlap how long the former secret, if this is another, is still taken
   */
  public record PutSource(String secret, List<String> ranges, Duration overlap) {
    public PutSource {
      unguessable("the secret", secret);
      Bounds.range("the count of ranges", ranges.size(), 0, 200);
      ranges.forEach(range -> {
        if (!RANGE.matcher(range).matches()) {
          throw new IllegalArgumentException("a range is not as 192.0.2.0/24 or 2001:db8::/32");
        }
      });
      bounded(overlap);
    }

    @Override
    public String toString() {
      return "a source";
    }
  }

  /**
   * @param url where the source's forge posts
   */
  public record SourceTaken(String url) {
    @Override
    public String toString() {
      return "a source's address";
    }
  }

  /**
   * @param made when
   * @param waiting deliveries of it that are not acknowledged
   * @param last when the newest one arrived; the time it was made if there was none
   */
  public record Source(String source, Instant made, long waiting, Instant last) {
    public Source {
      Bounds.id("a source", source);
    }
  }

  public record Sources(List<Source> sources) {}

  /**
   * @param dropped deliveries of it that waited
   */
  public record SourceGone(long dropped) {}

  /** The body of every refusal: one line that names the thing, the place and the mend. */
  public record Refusal(String error) {}
}
