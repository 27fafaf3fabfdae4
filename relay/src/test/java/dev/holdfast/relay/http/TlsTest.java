package dev.holdfast.relay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
class TlsTest {
  private static final char[] PASSWORD = "password".toCharArray();

  @TempDir Path folder;

  @SuppressWarnings("NullAway.Init")
  TlsTest() {}

  /** A new key and a certificate of it, in the files; the certificate. */
  private X509Certificate made(String name, Path certificate, Path key) throws Exception {
    Path file = folder.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "a",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                new String(PASSWORD),
                "-dname",
                "CN=" + name,
                "-ext",
                "san=ip:127.0.0.1")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
    Files.writeString(certificate, pem("CERTIFICATE", store.getCertificate("a").getEncoded()));
    Files.writeString(key, pem("PRIVATE KEY", store.getKey("a", PASSWORD).getEncoded()));
    return (X509Certificate) store.getCertificate("a");
  }

  private static String pem(String what, byte[] bytes) {
    return "-----BEGIN "
        + what
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes)
        + "\n-----END "
        + what
        + "-----\n";
  }

  private static SSLContext trusting(X509Certificate certificate) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("a", certificate);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  @Test
  void aDoorWithACertificateSpeaksTlsAndSaysThatItAlwaysWill() throws Exception {
    Path certificate = folder.resolve("certificate.pem");
    Path key = folder.resolve("key.pem");
    X509Certificate made = made("first", certificate, key);
    try (Door door =
        Door.open(
            "tried door",
            Listening.at(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Optional.of(new Listening.Files(certificate, key))),
            new Callers(Ranges.of(List.of())),
            new Hello())) {
      try (HttpClient http = HttpClient.newBuilder().sslContext(trusting(made)).build()) {
        HttpResponse<String> answer =
            http.send(
                HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + door.port() + "/"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.body()).isEqualTo("hello");
        assertThat(answer.headers().firstValue("Strict-Transport-Security")).isPresent();
        assertThat(answer.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
        assertThatThrownBy(() ->
                http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + door.port() + "/"))
                        .build(),
                    HttpResponse.BodyHandlers.ofString()))
            .isInstanceOf(java.io.IOException.class);
      }
    }
  }

  private static final class Hello implements Door.Calls {
    @Override
    public Optional<Answer> answer(Door.Call call) {
      return Optional.of(Answer.text(200, "text/plain", "hello"));
    }

    @Override
    public Duration time(Request request) {
      return Duration.ofSeconds(20);
    }
  }

  @Test
  void newFilesAreTakenAndBrokenOnesAreNot() throws Exception {
    Path certificate = folder.resolve("certificate.pem");
    Path key = folder.resolve("key.pem");
    X509Certificate first = made("first", certificate, key);
    var tls = new Tls(certificate, key);
    tls.factory().start();
    try {
      assertThat(tls.factory().getKeyStore().getCertificate("relay")).isEqualTo(first);
      Files.writeString(certificate, "no certificate");
      Files.setLastModifiedTime(certificate, FileTime.fromMillis(1000));
      tls.reload();
      assertThat(tls.factory().getKeyStore().getCertificate("relay")).isEqualTo(first);
      X509Certificate second = made("second", certificate, key);
      Files.setLastModifiedTime(certificate, FileTime.fromMillis(2000));
      tls.reload();
      assertThat(tls.factory().getKeyStore().getCertificate("relay")).isEqualTo(second);
      assertThat(tls.factory().getSelectedProtocols())
          .containsExactlyInAnyOrder("TLSv1.3", "TLSv1.2");
      assertThat(tls.factory().getSelectedCipherSuites())
          .isNotEmpty()
          .allMatch(suite ->
              suite.startsWith("TLS_AES")
                  || suite.startsWith("TLS_CHACHA")
                  || suite.startsWith("TLS_ECDHE"));
    } finally {
      tls.factory().stop();
    }
  }
}
