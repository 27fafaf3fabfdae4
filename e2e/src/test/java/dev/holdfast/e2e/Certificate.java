package dev.holdfast.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate of nobody's, for one address.
 *
 * @param file PEM
 * @param key PEM, PKCS#8
 * @param trusting a store that holds the certificate, as Java's option wants it
 */
record Certificate(Path file, Path key, Path trusting) {
  private static final String PASSWORD = "nothing-secret";

  static Certificate of(Path folder, String address) throws IOException, GeneralSecurityException {
    Files.createDirectories(folder);
    Path both = folder.resolve("both.p12");
    Dist.finish(
            folder,
            Map.of(),
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "a",
                "-storetype",
                "PKCS12",
                "-keystore",
                both.toString(),
                "-storepass",
                PASSWORD,
                "-dname",
                "CN=test",
                "-ext",
                "san=ip:" + address))
        .ok();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(both)) {
      store.load(in, PASSWORD.toCharArray());
    }
    KeyStore open = KeyStore.getInstance("PKCS12");
    open.load(null, null);
    open.setCertificateEntry("a", store.getCertificate("a"));
    Path trusting = folder.resolve("trust.p12");
    try (var out = Files.newOutputStream(trusting)) {
      open.store(out, PASSWORD.toCharArray());
    }
    Path file = folder.resolve("certificate.pem");
    Files.writeString(file, pem("CERTIFICATE", store.getCertificate("a").getEncoded()));
    Path key = folder.resolve("key.pem");
    Files.writeString(
        key, pem("PRIVATE KEY", store.getKey("a", PASSWORD.toCharArray()).getEncoded()));
    return new Certificate(file, key, trusting);
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

  /** What a process of Java's is given to trust it. */
  Map<String, String> environment() {
    return Map.of(
        "HOLDFAST_JAVA_OPTS",
        "-Djavax.net.ssl.trustStore="
            + trusting
            + " -Djavax.net.ssl.trustStoreType=PKCS12 -Djavax.net.ssl.trustStorePassword="
            + PASSWORD);
  }

  /** What a client in this process is given to trust it. */
  SSLContext context() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(trusting)) {
      store.load(in, PASSWORD.toCharArray());
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
