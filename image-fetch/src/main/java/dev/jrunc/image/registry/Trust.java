package dev.jrunc.image.registry;

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
import java.util.stream.Stream;
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

  /** The JDK's authorities and those in {@code files}. */
  static SSLContext with(List<Path> files) {
    try {
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
      TrustManagerFactory factory = factory(anchors);
      return context(factory.getTrustManagers());
    } catch (GeneralSecurityException | IOException e) {
      throw new ImageFailure("cannot set up TLS: " + Reasons.of(e), e);
    }
  }

  /** For a registry that the person called insecure. */
  static SSLContext everyone() {
    try {
      return context(new TrustManager[] {new Believer()});
    } catch (GeneralSecurityException e) {
      throw new ImageFailure("cannot set up TLS: " + Reasons.of(e), e);
    }
  }

  static List<Path> certificatesIn(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".crt")).sorted().toList();
    } catch (IOException e) {
      throw Reasons.cannotRead(folder, e);
    }
  }

  private static List<? extends Certificate> read(Path file) {
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

  private static SSLContext context(TrustManager[] managers) throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers, null);
    return context;
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
