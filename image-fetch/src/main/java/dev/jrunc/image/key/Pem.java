package dev.jrunc.image.key;

import dev.jrunc.image.failure.ImageFailure;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.EncodedKeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keys in PEM (RFC 7468), in the forms that cosign, openssl and Docker's documents use. */
public final class Pem {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
  private static final String[] ALGORITHMS = {"EC", "Ed25519", "RSA"};
  private static final byte[] VERSION = HexFormat.of().parseHex("020100");
  private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");
  private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

  private Pem() {}

  /** {@code what} names the text in the error. */
  public static PublicKey publicKey(String text, String what) {
    Matcher block = BLOCK.matcher(text);
    while (block.find()) {
      if (block.group(1).equals("PUBLIC KEY")) {
        EncodedKeySpec spec = new X509EncodedKeySpec(decode(block, what));
        for (String algorithm : ALGORITHMS) {
          try {
            return KeyFactory.getInstance(algorithm).generatePublic(spec);
          } catch (GeneralSecurityException e) {
            // Not of this kind.
          }
        }
        throw new ImageFailure(what + " holds a public key of an unknown kind");
      }
    }
    throw new ImageFailure(what + " holds no public key in PEM form");
  }

  /** {@code what} names the text in the error. */
  public static PrivateKey privateKey(String text, String what) throws GeneralSecurityException {
    Matcher block = BLOCK.matcher(text);
    while (block.find()) {
      byte[] content = decode(block, what);
      switch (block.group(1)) {
        case "PRIVATE KEY" -> {
          return privateKey(content);
        }
        case "RSA PRIVATE KEY" -> {
          return privateKey(der(0x30, VERSION, RSA, der(0x04, content)));
        }
        case "EC PRIVATE KEY" -> {
          return privateKey(der(0x30, VERSION, der(0x30, EC, curve(content)), der(0x04, content)));
        }
        default -> {}
      }
    }
    throw new ImageFailure(what + " holds no private key in PEM form without a password");
  }

  private static PrivateKey privateKey(byte[] pkcs8) throws GeneralSecurityException {
    GeneralSecurityException last = new GeneralSecurityException("no algorithm");
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (GeneralSecurityException e) {
        last = e;
      }
    }
    throw last;
  }

  /** RFC 5915: {@code [0]} holds the curve, an object identifier. */
  private static byte[] curve(byte[] key) throws GeneralSecurityException {
    for (int i = 0; i + 4 < key.length; i++) {
      int length = key[i + 1] & 0xff;
      boolean identifier = key[i] == (byte) 0xa0 && key[i + 2] == 0x06;
      if (identifier && key[i + 3] == length - 2 && i + 2 + length <= key.length) {
        return java.util.Arrays.copyOfRange(key, i + 2, i + 2 + length);
      }
    }
    throw new GeneralSecurityException("it names no curve");
  }

  private static byte[] der(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.write(tag);
    int length = content.size();
    if (length < 0x80) {
      whole.write(length);
    } else if (length < 0x100) {
      whole.write(0x81);
      whole.write(length);
    } else {
      whole.write(0x82);
      whole.write(length >> 8);
      whole.write(length);
    }
    whole.writeBytes(content.toByteArray());
    return whole.toByteArray();
  }

  private static byte[] decode(Matcher block, String what) {
    try {
      return Base64.getMimeDecoder().decode(block.group(2));
    } catch (IllegalArgumentException e) {
      throw new ImageFailure(what + " is not valid PEM", e);
    }
  }
}
