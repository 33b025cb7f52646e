package dev.jrunc.image.signature;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.key.Keys;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.ManifestDocument.ImageManifest;
import dev.jrunc.image.manifest.ManifestReader;
import dev.jrunc.image.pull.Admission;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.registry.FetchedManifest;
import dev.jrunc.image.registry.NotThere;
import dev.jrunc.image.registry.RegistryClient;
import java.io.IOException;
import java.io.InputStream;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets in what is vouched for. Signatures lie beside the image: under a tag made of its digest, or
 * as referrers to it.
 */
public final class SignatureCheck implements Admission {
  private static final String SIMPLE = "application/vnd.dev.cosign.simplesigning.v1+json";
  private static final String BUNDLE = "application/vnd.dev.sigstore.bundle";
  private static final String ANNOTATION = "dev.cosignproject.cosign/signature";
  private static final long LARGEST_PAYLOAD = 1024 * 1024;
  private static final int MOST_SIGNATURES = 100;

  private final RegistryClient registry;
  private final @Nullable Policy policy;
  private final List<Requirement> always;

  private SignatureCheck(
      RegistryClient registry, @Nullable Policy policy, List<Requirement> always) {
    this.registry = registry;
    this.policy = policy;
    this.always = List.copyOf(always);
  }

  /** What a policy says, if there is one. */
  public static SignatureCheck by(RegistryClient registry, @Nullable Policy policy) {
    return new SignatureCheck(registry, policy, List.of());
  }

  /** That too, and a signature by one of these keys. */
  public SignatureCheck with(List<PublicKey> keys, Identity identity, String source) {
    List<Requirement> more = new ArrayList<>(always);
    more.add(new Requirement.Signed(keys, identity, source));
    return new SignatureCheck(registry, policy, more);
  }

  @Override
  public void check(ImageReference image, Set<Digest> digests) {
    List<Requirement> requirements = new ArrayList<>(always);
    if (policy != null) {
      requirements.addAll(policy.about(image));
    }
    for (Requirement requirement : requirements) {
      switch (requirement) {
        case Requirement.Accept accept -> {}
        case Requirement.Reject reject ->
            throw new ImageFailure("image %s is rejected by %s".formatted(image, policy));
        case Requirement.Unknown unknown ->
            throw new ImageFailure(
                "image %s is refused: %s asks for \"%s\", which jimage cannot check"
                    .formatted(image, policy, unknown.type()));
        case Requirement.Signed signed -> check(image, digests, signed);
      }
    }
  }

  private void check(ImageReference image, Set<Digest> digests, Requirement.Signed rule) {
    Set<String> reasons = new LinkedHashSet<>();
    for (Digest digest : digests) {
      if (holds(image, digest, beside(image, digest, reasons), rule, reasons)
          || holds(image, digest, referrers(image, digest, reasons), rule, reasons)) {
        return;
      }
    }
    throw new ImageFailure(
        "image %s is refused: %s demands a signature, and %s"
            .formatted(
                image,
                rule.source(),
                reasons.isEmpty()
                    ? "it has none"
                    : "it has none that holds: " + String.join("; ", reasons)));
  }

  /** Whether one of the signatures in these holds; why each other does not is added. */
  private boolean holds(
      ImageReference image,
      Digest digest,
      List<ImageManifest> manifests,
      Requirement.Signed rule,
      Set<String> reasons) {
    for (ImageManifest manifest : manifests) {
      for (Descriptor layer : manifest.layers()) {
        String reason = judge(image, digest, layer, rule);
        if (reason.isEmpty()) {
          return true;
        }
        reasons.add(reason);
      }
    }
    return false;
  }

  /** Empty if this signature holds, otherwise why not. */
  private String judge(
      ImageReference image, Digest digest, Descriptor layer, Requirement.Signed rule) {
    try {
      Claim claim = claim(image, layer);
      if (claim == null) {
        return "one is of the unknown type \"" + layer.mediaType() + "\"";
      }
      boolean made = false;
      for (byte[] signature : claim.signatures()) {
        made |= Keys.anyMade(rule.keys(), claim.content(), signature);
      }
      if (!made) {
        return "one was not made with this key, or changed since";
      }
      if (!claim.digest().equals(digest.toString())) {
        return "one is for another image, " + claim.digest();
      }
      if (!rule.identity().covers(image, claim.name())) {
        return claim.name() == null
            ? "one names no repository (--verify-identity any accepts it)"
            : "one is for the name \"%s\" (--verify-identity accepts another)"
                .formatted(claim.name());
      }
      return "";
    } catch (ImageFailure e) {
      return "one cannot be read: " + e.getMessage();
    }
  }

  private @Nullable Claim claim(ImageReference image, Descriptor layer) {
    if (layer.mediaType().equals(SIMPLE)) {
      String signature = layer.annotations().getOrDefault(ANNOTATION, "");
      return Claim.simple(payload(image, layer), signature);
    }
    return layer.mediaType().startsWith(BUNDLE) ? Claim.bundle(payload(image, layer)) : null;
  }

  private byte[] payload(ImageReference image, Descriptor layer) {
    if (layer.size() > LARGEST_PAYLOAD) {
      throw new ImageFailure("its payload is larger than 1 MiB");
    }
    try (InputStream content = registry.blob(image, layer)) {
      return content.readAllBytes();
    } catch (IOException e) {
      throw new ImageFailure("its payload cannot be read", e);
    }
  }

  /** What lies under the tag that is made of the digest. */
  private List<ImageManifest> beside(ImageReference image, Digest digest, Set<String> reasons) {
    List<ImageManifest> found = new ArrayList<>();
    String tag = digest.algorithm().word() + "-" + digest.hex() + ".sig";
    try {
      ImageReference beside = new ImageReference(image.host(), image.repository(), tag, null);
      add(found, registry.manifest(beside));
    } catch (NotThere e) {
      // There may be referrers.
    } catch (ImageFailure e) {
      reasons.add("what lies under its tag cannot be read: " + e.getMessage());
    }
    return found;
  }

  /**
   * Signatures among what refers to the image. Others refer to images too, and not every registry
   * has or shows referrers: what cannot be read is a reason, not the end.
   */
  private List<ImageManifest> referrers(ImageReference image, Digest digest, Set<String> reasons) {
    List<ImageManifest> found = new ArrayList<>();
    List<Descriptor> referrers;
    try {
      referrers = registry.queries().referrers(image, digest, "");
    } catch (ImageFailure e) {
      reasons.add("its referrers cannot be read: " + e.getMessage());
      return found;
    }
    if (referrers.size() > MOST_SIGNATURES) {
      reasons.add("only the first " + MOST_SIGNATURES + " of its referrers were looked at");
    }
    for (Descriptor referrer : referrers.subList(0, Math.min(MOST_SIGNATURES, referrers.size()))) {
      try {
        add(found, registry.manifest(image, referrer));
      } catch (ImageFailure e) {
        reasons.add("one cannot be read: " + e.getMessage());
      }
    }
    return found;
  }

  private static void add(List<ImageManifest> found, FetchedManifest fetched) {
    ManifestReader reader = new ManifestReader("a signature");
    if (reader.read(fetched.content(), fetched.descriptor().mediaType())
        instanceof ImageManifest manifest) {
      found.add(manifest);
    }
  }
}
