package dev.holdfast.orchestrator.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.orchestrator.repository.Repository;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A provider of OpenID Connect (Core 1.0, authorization code with PKCE). What it says of itself is
 * looked up below its issuer, and asked anew after an hour. Thread-safe.
 */
final class Provider {
  /**
   * All with keys that only the provider has; {@code none} and shared secrets are not among them.
   */
  private static final Set<JWSAlgorithm> SIGNED =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.PS256,
          JWSAlgorithm.ES256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.ES384);

  private static final Duration KEPT = Duration.ofHours(1);

  /** For clocks that differ. */
  private static final Duration SKEW = Duration.ofSeconds(60);

  private static final int LONGEST_SUBJECT = 255;

  private final URI issuer;
  private final String id;
  private final String secret;
  private final InstantSource clock;
  private volatile @Nullable Discovered kept;

  /**
   * @param issuer as it calls itself in what it signs
   * @param id what Holdfast is there
   */
  Provider(URI issuer, String id, String secret, InstantSource clock) {
    if (!Repository.Host.safe(issuer)
        || issuer.getQuery() != null
        || issuer.getFragment() != null) {
      throw new IllegalArgumentException(
          "issuer is an address like https://id.example.org, without a query");
    }
    this.issuer = issuer;
    this.id = id;
    this.secret = secret;
    this.clock = clock;
  }

  /** What the provider says of itself. */
  record Discovered(URI authorize, URI token, URI keys, boolean basic, Instant until) {}

  /** As it stands in addresses, and before its accounts. */
  String name() {
    return "oidc:" + issuer.getAuthority();
  }

  /** Binds what is signed to the sign-in that was begun with {@code verifier}. */
  static String nonce(String verifier) {
    return Linking.challenge("nonce " + verifier);
  }

  Discovered discovered(HttpClient http) {
    Discovered now = kept;
    if (now == null || !clock.instant().isBefore(now.until())) {
      now = discover(http);
      kept = now;
    }
    return now;
  }

  private Discovered discover(HttpClient http) {
    String at = issuer.toString().replaceAll("/$", "") + "/.well-known/openid-configuration";
    Json said = get(http, URI.create(at));
    if (!ForgeAccount.text(said, "issuer").equals(Optional.of(issuer.toString()))) {
      throw AccessRefused.forbidden(
          name() + " calls itself by another issuer than the one it was registered by here");
    }
    boolean basic =
        !(said instanceof Json.Obj(var fields)
            && fields.get("token_endpoint_auth_methods_supported") instanceof Json.Arr(var ways)
            && !ways.contains(new Json.Str("client_secret_basic")));
    return new Discovered(
        endpoint(said, "authorization_endpoint"),
        endpoint(said, "token_endpoint"),
        endpoint(said, "jwks_uri"),
        basic,
        clock.instant().plus(KEPT));
  }

  private URI endpoint(Json said, String name) {
    return ForgeAccount.text(said, name)
        .map(URI::create)
        .filter(Repository.Host::safe)
        .orElseThrow(() ->
            AccessRefused.forbidden(
                name() + " names no " + name + " that a secret may be sent to"));
  }

  private Json get(HttpClient http, URI uri) {
    return ForgeAccount.send(http, name(), HttpRequest.newBuilder(uri).GET());
  }

  /** Exchanges the code, and believes of what comes what the provider signed for us, just now. */
  ForgeAccount account(HttpClient http, URI callback, String code, String verifier) {
    Discovered at = discovered(http);
    var form = new LinkedHashMap<String, String>();
    form.put("grant_type", "authorization_code");
    form.put("code", code);
    form.put("code_verifier", verifier);
    form.put("redirect_uri", callback.toString());
    HttpRequest.Builder request =
        HttpRequest.newBuilder(at.token())
            .header("Content-Type", "application/x-www-form-urlencoded");
    if (at.basic()) {
      String both = encoded(id) + ":" + encoded(secret);
      request.header(
          "Authorization",
          "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)));
    } else {
      form.put("client_id", id);
      form.put("client_secret", secret);
    }
    Json answer =
        ForgeAccount.send(
            http,
            name(),
            request.POST(HttpRequest.BodyPublishers.ofString(ForgeAccount.form(form))));
    String token =
        ForgeAccount.text(answer, "id_token").orElseThrow(() -> refused("it answered no ID token"));
    JWTClaimsSet claims = verified(http, at, token);
    return account(claims, verifier);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private JWTClaimsSet verified(HttpClient http, Discovered at, String token) {
    try {
      var keys = JWKSet.parse(JsonText.compact(get(http, at.keys())));
      var processor = new DefaultJWTProcessor<SecurityContext>();
      processor.setJWSKeySelector(
          new JWSVerificationKeySelector<>(SIGNED, new ImmutableJWKSet<>(keys)));
      // All claims are looked at below, by our clock.
      processor.setJWTClaimsSetVerifier((claims, context) -> {});
      return processor.process(SignedJWT.parse(token), null);
    } catch (ParseException | BadJOSEException | JOSEException e) {
      throw refused("its ID token is not signed by it");
    }
  }

  private ForgeAccount account(JWTClaimsSet claims, String verifier) {
    Instant now = clock.instant();
    if (!issuer.toString().equals(claims.getIssuer())) {
      throw refused("its ID token is another issuer's");
    }
    if (!claims.getAudience().contains(id)
        || (claims.getAudience().size() > 1 && !id.equals(claims.getClaim("azp")))) {
      throw refused("its ID token is for somebody else");
    }
    if (claims.getExpirationTime() == null
        || !now.minus(SKEW).isBefore(claims.getExpirationTime().toInstant())
        || claims.getIssueTime() == null
        || claims.getIssueTime().toInstant().isAfter(now.plus(SKEW))) {
      throw refused("its ID token is over, or not yet good; compare the clocks");
    }
    if (!(claims.getClaim("nonce") instanceof String nonce)
        || !MessageDigest.isEqual(
            nonce.getBytes(StandardCharsets.UTF_8),
            nonce(verifier).getBytes(StandardCharsets.UTF_8))) {
      throw refused("its ID token is of another sign-in");
    }
    String subject = claims.getSubject();
    if (subject == null || subject.isEmpty() || subject.length() > LONGEST_SUBJECT) {
      throw refused("its ID token names nobody");
    }
    Object called = claims.getClaim("preferred_username");
    return new ForgeAccount(
        subject, ForgeAccount.printable(called instanceof String text ? text : subject));
  }

  private AccessRefused refused(String why) {
    return AccessRefused.forbidden(name() + " did not sign anybody in: " + why + "; begin again");
  }
}
