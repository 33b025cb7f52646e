package dev.jrunc.conformance.cases;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.cases.ImageCases.ImageCase;
import dev.jrunc.conformance.cases.ImageCases.Place;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Expect;
import dev.jrunc.conformance.registry.Pusher;
import dev.jrunc.conformance.registry.Pusher.Pushed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;

/** Images with signatures as cosign makes them, signed here by openssl. */
final class SignatureCases {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SIMPLE = "application/vnd.dev.cosign.simplesigning.v1+json";
  private static final String BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
  private static final String IN_TOTO = "application/vnd.in-toto+json";

  private SignatureCases() {}

  static List<ImageCase> all() {
    return List.of(
        new ImageCase("a signature beside the image is checked", SignatureCases::tag),
        new ImageCase("a signature that refers to the image is checked", SignatureCases::referrer),
        new ImageCase(
            "a sigstore bundle that refers to the image is checked", SignatureCases::dsse),
        new ImageCase("a policy decides what comes in", SignatureCases::policy));
  }

  private static Path key(Place place, String name) {
    Path key = place.folder().resolve(name + ".pem");
    Path pub = place.folder().resolve(name + ".pub");
    Command.of("openssl", "ecparam", "-genkey", "-noout", "-name", "prime256v1", "-out", key + "")
        .run()
        .ok();
    Command.of("openssl", "ec", "-in", key + "", "-pubout", "-out", pub + "").run().ok();
    return key;
  }

  private static byte[] payload(Place place, String name, String digest) {
    ObjectNode payload = JSON.createObjectNode();
    ObjectNode critical = payload.putObject("critical");
    critical.putObject("identity").put("docker-reference", place.image(name));
    critical.putObject("image").put("docker-manifest-digest", digest);
    critical.put("type", "cosign container image signature");
    payload.putNull("optional");
    return payload.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] sign(Place place, Path key, byte[] payload) throws IOException {
    Path file = place.folder().resolve("payload");
    Path signature = place.folder().resolve("signature");
    Files.write(file, payload);
    Command.of(
            "openssl",
            "dgst",
            "-sha256",
            "-sign",
            key.toString(),
            "-out",
            signature.toString(),
            file.toString())
        .run()
        .ok();
    return Files.readAllBytes(signature);
  }

  private static void attach(
      Place place, String tag, Pushed subject, byte[] payload, byte[] signature)
      throws IOException {
    ObjectNode annotations = JSON.createObjectNode();
    String encoded = Base64.getEncoder().encodeToString(signature);
    annotations.put("dev.cosignproject.cosign/signature", encoded);
    attach(place, tag, subject, SIMPLE, payload, annotations);
  }

  private static void attach(
      Place place, String tag, Pushed subject, String type, byte[] payload, ObjectNode annotations)
      throws IOException {
    byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
    ObjectNode manifest = JSON.createObjectNode();
    manifest.put("schemaVersion", 2).put("mediaType", Pusher.MANIFEST);
    manifest
        .putObject("config")
        .put("mediaType", "application/vnd.oci.image.config.v1+json")
        .put("digest", Pusher.digest(config))
        .put("size", config.length);
    ObjectNode layer = manifest.putArray("layers").addObject();
    layer.put("mediaType", type).put("digest", Pusher.digest(payload));
    layer.put("size", payload.length);
    layer.set("annotations", annotations);
    if (!tag.endsWith(".sig")) {
      manifest
          .putObject("subject")
          .put("mediaType", Pusher.MANIFEST)
          .put("digest", subject.digest())
          .put("size", subject.size());
    }
    byte[] content = JSON.writeValueAsBytes(manifest);
    Pusher pusher = new Pusher(place.registry(), "app");
    if (tag.endsWith(".sig")) {
      pusher.artifact(tag, content, List.of(config, payload));
    } else {
      Pushed signed = pusher.artifact("", content, List.of(config, payload));
      // This registry knows no referrers: the tag of the digest is an index of them.
      ObjectNode index = JSON.createObjectNode();
      index.put("schemaVersion", 2).put("mediaType", Pusher.INDEX);
      index
          .putArray("manifests")
          .addObject()
          .put("mediaType", Pusher.MANIFEST)
          .put("digest", signed.digest())
          .put("size", signed.size());
      pusher.rawIndex(tag, JSON.writeValueAsBytes(index));
    }
  }

  private static Pushed image(Place place) throws IOException {
    byte[] layer = new dev.jrunc.conformance.registry.ImageMaker().file("a", 0644, "content").tar();
    return new Pusher(place.registry(), "app").image("1", "amd64", List.of(layer), config -> {});
  }

  private static Command pull(Place place, String... more) {
    return place.jimage(
        Command.words(List.of("pull", "-q", place.image("app:1")), more).toArray(new String[0]));
  }

  private static void refused(Command pull, Place place, String why) {
    pull.run().code(1).says(why);
    Expect.equal("[ ]", place.jimage("images", "--json").run().ok().out().trim(), "the images");
  }

  private static void tag(Place place) throws Exception {
    Pushed image = image(place);
    Path key = key(place, "cosign");
    Path other = key(place, "other");
    String pub = place.folder().resolve("cosign.pub").toString();
    String tag = image.digest().replace(':', '-') + ".sig";
    refused(pull(place, "--verify-key", pub), place, "it has none");
    byte[] wrong = payload(place, "app", Pusher.digest(new byte[1]));
    attach(place, tag, image, wrong, sign(place, key, wrong));
    refused(pull(place, "--verify-key", pub), place, "one is for another image");
    byte[] foreign = payload(place, "other", image.digest());
    attach(place, tag, image, foreign, sign(place, key, foreign));
    refused(pull(place, "--verify-key", pub), place, "one is for the name");
    pull(place, "--verify-key", pub, "--verify-identity", place.image("other")).run().ok();
    place.jimage("rm", place.image("app:1")).run().ok();
    byte[] right = payload(place, "app", image.digest());
    attach(place, tag, image, right, sign(place, other, right));
    refused(pull(place, "--verify-key", pub), place, "was not made with this key");
    attach(place, tag, image, right, sign(place, key, right));
    pull(place, "--verify-key", pub).run().ok();
    // What is in the store was judged by nobody when it came, or by another key.
    String otherPub = place.folder().resolve("other.pub").toString();
    pull(place, "--verify-key", otherPub).run().code(1).says("was not made with this key");
  }

  private static void referrer(Place place) throws Exception {
    Pushed image = image(place);
    Path key = key(place, "cosign");
    byte[] right = payload(place, "app", image.digest());
    attach(place, image.digest().replace(':', '-'), image, right, sign(place, key, right));
    pull(place, "--verify-key", place.folder().resolve("cosign.pub").toString()).run().ok();
  }

  /**
   * A DSSE envelope around an in-toto statement, as cosign 3 writes it; signed is what DSSE says.
   */
  private static byte[] bundle(Place place, Path key, String predicate, String digest)
      throws IOException {
    ObjectNode statement = JSON.createObjectNode();
    statement.put("_type", "https://in-toto.io/Statement/v1").put("predicateType", predicate);
    String hex = digest.substring(digest.indexOf(':') + 1);
    statement.putArray("subject").addObject().putObject("digest").put("sha256", hex);
    statement.putObject("predicate");
    byte[] payload = JSON.writeValueAsBytes(statement);
    ByteArrayOutputStream signed = new ByteArrayOutputStream();
    signed.writeBytes(
        ("DSSEv1 " + IN_TOTO.length() + " " + IN_TOTO + " " + payload.length + " ")
            .getBytes(StandardCharsets.UTF_8));
    signed.writeBytes(payload);
    ObjectNode bundle = JSON.createObjectNode().put("mediaType", BUNDLE);
    ObjectNode envelope = bundle.putObject("dsseEnvelope").put("payloadType", IN_TOTO);
    envelope.put("payload", Base64.getEncoder().encodeToString(payload));
    String signature = Base64.getEncoder().encodeToString(sign(place, key, signed.toByteArray()));
    envelope.putArray("signatures").addObject().put("sig", signature);
    return JSON.writeValueAsBytes(bundle);
  }

  private static void dsse(Place place) throws Exception {
    Pushed image = image(place);
    Path key = key(place, "cosign");
    Path other = key(place, "other");
    String tag = image.digest().replace(':', '-');
    String sign = "https://sigstore.dev/cosign/sign/v1";
    ObjectNode none = JSON.createObjectNode();
    String[] checked = {
      "--verify-key", place.folder().resolve("cosign.pub").toString(), "--verify-identity", "any"
    };
    String foreign = Pusher.digest(new byte[1]);
    attach(place, tag, image, BUNDLE, bundle(place, key, sign, foreign), none);
    refused(pull(place, checked), place, "one is for another image");
    attach(place, tag, image, BUNDLE, bundle(place, other, sign, image.digest()), none);
    refused(pull(place, checked), place, "was not made with this key");
    String provenance = "https://slsa.dev/provenance/v1";
    attach(place, tag, image, BUNDLE, bundle(place, key, provenance, image.digest()), none);
    refused(pull(place, checked), place, "which is no signature");
    byte[] right = bundle(place, key, sign, image.digest());
    attach(place, tag, image, BUNDLE, right, none);
    // It names no repository, so whoever asks for one is not content.
    refused(pull(place, "--verify-key", checked[1]), place, "one names no repository");
    pull(place, checked).run().ok();
    place.jimage("rm", place.image("app:1")).run().ok();
    String changed = new String(right, StandardCharsets.UTF_8).replace(IN_TOTO, "text/plain");
    attach(place, tag, image, BUNDLE, changed.getBytes(StandardCharsets.UTF_8), none);
    refused(pull(place, checked), place, "a bundle around");
  }

  private static void policy(Place place) throws Exception {
    Pushed image = image(place);
    Path key = key(place, "cosign");
    Path policy = place.folder().resolve("policy.json");
    Files.writeString(policy, "{\"default\":[{\"type\":\"reject\"}]}");
    refused(pull(place, "--policy", policy + ""), place, "is rejected by policy");
    Files.writeString(
        policy,
        """
        {"default":[{"type":"reject"}],"transports":{"docker":{"%s":[{"type":"sigstoreSigned",
        "keyPath":"%s/cosign.pub","signedIdentity":{"type":"matchRepository"}}]}}}
        """
            .formatted(place.registry().host(), place.folder()));
    refused(pull(place, "--policy", policy + ""), place, "it has none");
    byte[] right = payload(place, "app", image.digest());
    String tag = image.digest().replace(':', '-') + ".sig";
    attach(place, tag, image, right, sign(place, key, right));
    pull(place, "--policy", policy + "").run().ok();
    // No peer judges here: Debian's skopeo is built with sigstore disabled.
  }
}
