package dev.jrunc.image.registry;

import dev.jrunc.image.endpoint.Terms.ClientFiles;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Whose certificates are believed. */
final class Trust {
  private Trust() {}

  /**
   * How to meet a server.
   *
   * @param files trusted besides the JDK's authorities
   * @param clients what to show when the server asks
   * @param anyone for a registry that the person called insecure: whoever it is
   */
  static SSLContext context(List<Path> files, List<ClientFiles> clients, boolean anyone) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          clients.isEmpty() ? null : ClientKeys.managers(clients),
          anyone ? new TrustManager[] {new Believer()} : anchored(files),
          null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new ImageFailure("cannot set up TLS: " + Reasons.of(e), e);
    }
  }

  private static TrustManager[] anchored(List<Path> files)
      throws GeneralSecurityException, IOException {
    KeyStore anchors = KeyStore.getInstance("PKCS12");
    anchors.load(null, null);
    int number = 0;
    for (X509Certificate known : jdkAuthorities()) {
      anchors.setCertificateEntry("jdk" + number++, known);
    }
    for (Path file : files) {
      for (Certificate certificate : read(file)) {
        anchors.setCertificateEntry("extra" + number++, certificate);
      }
    }
    return factory(anchors).getTrustManagers();
  }

  static List<? extends Certificate> read(Path file) {
    try (InputStream content = Files.newInputStream(file)) {
      List<? extends Certificate> found =
          List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(content));
      if (found.isEmpty()) {
        throw new ImageFailure("\"" + file + "\" holds no certificate");
      }
      return found;
    } catch (CertificateException e) {
      throw new ImageFailure("\"" + file + "\" is not a file of certificates", e);
    } catch (IOException e) {
      throw Reasons.cannotRead(file, e);
    }
  }

  private static List<X509Certificate> jdkAuthorities() throws GeneralSecurityException {
    for (TrustManager manager : factory(null).getTrustManagers()) {
      if (manager instanceof X509TrustManager known) {
        return List.of(known.getAcceptedIssuers());
      }
    }
    return List.of();
  }

  private static TrustManagerFactory factory(@Nullable KeyStore anchors)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(anchors);
    return factory;
  }

  /** The extended kind also answers for the host name, so that none is checked. */
  private static final class Believer extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
