package dev.jrunc.image.key;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.failure.ImageFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PemTest {
  @TempDir Path folder = Path.of("unset");

  @ParameterizedTest
  @CsvSource({
    "EC, secp256r1, SHA256withECDSA",
    "EC, secp384r1, SHA256withECDSA",
    "EC, secp384r1, SHA384withECDSA",
    "Ed25519, , Ed25519",
    "RSA, , SHA256withRSA"
  })
  void checksWhatItsKeyMade(String kind, String curve, String algorithm)
      throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
    if (curve != null) {
      generator.initialize(new ECGenParameterSpec(curve));
    }
    KeyPair pair = generator.generateKeyPair();
    byte[] content = "content".getBytes(UTF_8);
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(pair.getPrivate());
    signature.update(content);
    byte[] made = signature.sign();
    var key = Pem.publicKey(pem("PUBLIC KEY", pair.getPublic().getEncoded()), "key");
    assertTrue(Keys.anyMade(List.of(key), content, made));
    assertFalse(Keys.anyMade(List.of(key), "other".getBytes(UTF_8), made));
    assertFalse(Keys.anyMade(List.of(key), content, new byte[] {1, 2, 3}));
    var other = generator.generateKeyPair().getPublic();
    assertFalse(Keys.anyMade(List.of(other), content, made));
    PrivateKey own = Pem.privateKey(pem("PRIVATE KEY", pair.getPrivate().getEncoded()), "key");
    assertEquals(pair.getPrivate(), own);
  }

  /** The forms of before PKCS 8, which openssl's manuals still show. */
  @ParameterizedTest
  @CsvSource({
    "ecparam -genkey -noout -name secp384r1, BEGIN EC PRIVATE KEY",
    "genrsa -traditional 2048, BEGIN RSA PRIVATE KEY"
  })
  void readsOldForms(String command, String form) throws Exception {
    Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/openssl")), "openssl is not installed");
    Path file = folder.resolve("key.pem");
    openssl((command + " -out " + file).replace("2048 -out " + file, "-out " + file + " 2048"));
    assertTrue(Files.readString(file).contains(form), Files.readString(file));
    PrivateKey key = Pem.privateKey(Files.readString(file), "key");
    Path pub = folder.resolve("key.pub");
    openssl("pkey -in " + file + " -pubout -out " + pub);
    Signature signature =
        Signature.getInstance(
            key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA");
    signature.initSign(key);
    signature.update(new byte[10]);
    assertTrue(Keys.anyMade(List.of(Keys.read(pub)), new byte[10], signature.sign()));
  }

  @Test
  void refusesWhatIsNoKey() {
    assertThrows(ImageFailure.class, () -> Pem.publicKey("nonsense", "key"));
    assertThrows(ImageFailure.class, () -> Pem.publicKey(pem("PUBLIC KEY", new byte[40]), "key"));
    assertThrows(
        ImageFailure.class, () -> Pem.privateKey(pem("ENCRYPTED PRIVATE KEY", new byte[9]), "k"));
  }

  private static void openssl(String words) throws IOException, InterruptedException {
    List<String> command = new java.util.ArrayList<>(List.of("openssl"));
    command.addAll(List.of(words.split(" ", -1)));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), said);
  }

  private static String pem(String kind, byte[] content) {
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
        .formatted(kind, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content));
  }
}
