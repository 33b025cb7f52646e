package dev.jrunc.conformance.registry;

import dev.jrunc.conformance.harness.Command;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A key with a certificate of its own making, from the JDK's keytool; for one run only. */
public record SigningKey(PrivateKey privateKey, X509Certificate certificate) {
  private static final String PASSWORD = "changeit";

  /** Makes one in {@code folder}; the certificate is for 127.0.0.1 too, so that TLS can use it. */
  public static SigningKey make(Path folder, String name) throws IOException {
    Path store = folder.resolve(name + ".p12");
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    Command.of(
            keytool,
            "-genkeypair",
            "-alias",
            name,
            "-keyalg",
            "RSA",
            "-keysize",
            "2048",
            "-validity",
            "2",
            "-dname",
            "CN=" + name,
            "-ext",
            "bc=ca:true",
            "-ext",
            "san=ip:127.0.0.1,dns:localhost",
            "-storetype",
            "PKCS12",
            "-storepass",
            PASSWORD,
            "-keystore",
            store.toString())
        .run()
        .ok();
    try (InputStream in = Files.newInputStream(store)) {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(in, PASSWORD.toCharArray());
      return new SigningKey(
          (PrivateKey) keys.getKey(name, PASSWORD.toCharArray()),
          (X509Certificate) keys.getCertificate(name));
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  /** For a server that shows this certificate. */
  public SSLContext serverContext() throws IOException {
    try {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(null, null);
      keys.setKeyEntry(
          "server", privateKey, PASSWORD.toCharArray(), new X509Certificate[] {certificate});
      KeyManagerFactory managers =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      managers.init(keys, PASSWORD.toCharArray());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(managers.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  /** Writes the certificate as PEM. */
  public void writeCertificate(Path file) throws IOException {
    try {
      Files.writeString(file, pem("CERTIFICATE", certificate.getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  public void writeKey(Path file) throws IOException {
    Files.writeString(file, pem("PRIVATE KEY", privateKey.getEncoded()));
  }

  private static String pem(String kind, byte[] content) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n";
  }
}
