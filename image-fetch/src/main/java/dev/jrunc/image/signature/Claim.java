package dev.jrunc.image.signature;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What somebody signed.
 *
 * @param content the bytes that the signatures are about
 * @param digest of the manifest it speaks of, as written
 * @param name that it speaks of, or {@code null}
 */
record Claim(byte[] content, List<byte[]> signatures, String digest, @Nullable String name) {
  private static final String COSIGN = "cosign container image signature";
  private static final String IN_TOTO = "application/vnd.in-toto+json";
  private static final String SIGN = "https://sigstore.dev/cosign/sign/v1";

  Claim {
    signatures = List.copyOf(signatures);
  }

  /** cosign's specs/SIGNATURE_SPEC.md: the payload is a blob, its signature an annotation. */
  static Claim simple(byte[] payload, String signature) {
    JsonNode critical = Json.object(payload, "the payload of a signature").path("critical");
    String type = critical.path("type").asText();
    if (!type.equals(COSIGN)) {
      throw new ImageFailure("it is of the type \"" + type + "\", not a cosign signature");
    }
    return new Claim(
        payload,
        List.of(decode(signature)),
        critical.path("image").path("docker-manifest-digest").asText(),
        critical.path("identity").path("docker-reference").asText());
  }

  /** A sigstore bundle with a DSSE envelope around an in-toto statement. */
  static Claim bundle(byte[] bundle) {
    JsonNode envelope = Json.object(bundle, "a sigstore bundle").path("dsseEnvelope");
    String type = envelope.path("payloadType").asText();
    if (!type.equals(IN_TOTO)) {
      throw new ImageFailure("it is a bundle around \"" + type + "\"");
    }
    byte[] payload = decode(envelope.path("payload").asText());
    JsonNode statement = Json.object(payload, "the statement of a sigstore bundle");
    if (!statement.path("predicateType").asText().equals(SIGN)) {
      throw new ImageFailure(
          "it states \"" + statement.path("predicateType").asText() + "\", which is no signature");
    }
    List<byte[]> signatures = new ArrayList<>();
    envelope.path("signatures").forEach(each -> signatures.add(decode(each.path("sig").asText())));
    String hex = statement.path("subject").path(0).path("digest").path("sha256").asText();
    return new Claim(preAuthentication(type, payload), signatures, "sha256:" + hex, null);
  }

  /** DSSE's protocol.md: lengths in front keep type and payload apart. */
  private static byte[] preAuthentication(String type, byte[] payload) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    String head = "DSSEv1 " + type.length() + " " + type + " " + payload.length + " ";
    text.writeBytes(head.getBytes(StandardCharsets.UTF_8));
    text.writeBytes(payload);
    return text.toByteArray();
  }

  private static byte[] decode(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new ImageFailure("it is no Base64", e);
    }
  }
}
