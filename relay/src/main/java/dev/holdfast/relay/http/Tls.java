package dev.holdfast.relay.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A certificate and its key, from files that are read again when they change. */
final class Tls {
  private static final Logger LOG = LoggerFactory.getLogger(Tls.class);
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

  private final Path certificate;
  private final Path key;
  private final SslContextFactory.Server factory = new SslContextFactory.Server();
  private List<FileTime> read;

  /**
   * @param certificate with those that it hangs on behind it, PEM
   * @param key PKCS#8, PEM
   * @throws IOException if they cannot be read
   */
  Tls(Path certificate, Path key) throws IOException {
    this.certificate = certificate;
    this.key = key;
    this.read = times();
    factory.setKeyStore(keyStore());
    factory.setKeyStorePassword("");
    factory.setIncludeProtocols("TLSv1.3", "TLSv1.2");
    // Of TLS 1.2 only what keeps past traffic closed when a key is lost, and is authenticated.
    factory.setIncludeCipherSuites(
        "TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_.*_GCM_.*",
        "TLS_ECDHE_.*_CHACHA20_.*");
    factory.setUseCipherSuitesOrder(true);
    factory.setRenegotiationAllowed(false);
    factory.setSniRequired(false);
  }

  SslContextFactory.Server factory() {
    return factory;
  }

  /** Takes new files; with what cannot be read the old ones stay. */
  void reload() {
    try {
      List<FileTime> now = times();
      if (now.equals(read)) {
        return;
      }
      read = now;
      KeyStore fresh = keyStore();
      factory.reload(changed -> changed.setKeyStore(fresh));
      LOG.info("the certificate {} was read again", certificate);
    } catch (Exception e) {
      LOG.error(
          "the certificate {} or its key {} changed and cannot be used, so the old one stays: {}",
          certificate,
          key,
          String.valueOf(e.getMessage()));
    }
  }

  private List<FileTime> times() throws IOException {
    return List.of(Files.getLastModifiedTime(certificate), Files.getLastModifiedTime(key));
  }

  private KeyStore keyStore() throws IOException {
    try {
      Certificate[] chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(certificate)))
              .toArray(Certificate[]::new);
      if (chain.length == 0) {
        throw new IOException(certificate + " holds no certificate");
      }
      PrivateKey secret = privateKey(chain[0].getPublicKey().getAlgorithm());
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("relay", secret, new char[0], chain);
      return store;
    } catch (GeneralSecurityException e) {
      throw new IOException(
          certificate + " and " + key + " are no certificate and its key: " + e.getMessage(), e);
    }
  }

  private PrivateKey privateKey(String algorithm) throws IOException, GeneralSecurityException {
    Matcher pem = KEY.matcher(Files.readString(key));
    if (!pem.find()) {
      throw new IOException(
          key + " holds no key as PKCS#8; openssl pkcs8 -topk8 -nodes makes one of another form");
    }
    return KeyFactory.getInstance(algorithm)
        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1))));
  }
}
