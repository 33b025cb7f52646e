package dev.jrunc.image.registry;

import dev.jrunc.image.endpoint.Terms.ClientFiles;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.key.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;

/** Client certificates with their keys, from PEM files. */
final class ClientKeys {
  private ClientKeys() {}

  static KeyManager[] managers(List<ClientFiles> clients)
      throws GeneralSecurityException, IOException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, null);
    char[] password = "only in memory".toCharArray();
    for (ClientFiles client : clients) {
      keys.setKeyEntry(
          client.certificate().toString(),
          key(client.key()),
          password,
          Trust.read(client.certificate()).toArray(new Certificate[0]));
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, password);
    return factory.getKeyManagers();
  }

  private static PrivateKey key(Path file) {
    try {
      return Pem.privateKey(Files.readString(file), "\"" + file + "\"");
    } catch (IOException e) {
      throw Reasons.cannotRead(file, e);
    } catch (GeneralSecurityException e) {
      throw new ImageFailure("\"" + file + "\" is not a private key that can be used", e);
    }
  }
}
