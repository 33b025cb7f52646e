package dev.jrunc.image.store;

import dev.jrunc.image.compression.Decompressor;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.manifest.Descriptor;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Reads all of a stored image again and says what is wrong with it; changes nothing. */
public final class StoreCheck {
  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.GROUP_EXECUTE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE,
          PosixFilePermission.OTHERS_EXECUTE);

  private final ImageStore store;

  public StoreCheck(ImageStore store) {
    this.store = store;
  }

  /**
   * Something that is wrong.
   *
   * @param what the blob or file it is about
   */
  public record Finding(String what, String problem) {}

  public List<Finding> check(StoredImage image) {
    List<Finding> findings = new ArrayList<>();
    permissions(findings);
    ImageContent content;
    try {
      content = store.content(image);
    } catch (ImageFailure e) {
      findings.add(new Finding("image " + image.name(), String.valueOf(e.getMessage())));
      return findings;
    }
    List<Descriptor> layers = content.manifest().layers();
    List<Digest> diffIds = content.configuration().diffIds();
    if (layers.size() != diffIds.size()) {
      findings.add(
          new Finding(
              "image " + image.name(),
              "it has " + layers.size() + " layers, its configuration names " + diffIds.size()));
      return findings;
    }
    for (int i = 0; i < layers.size(); i++) {
      layer(layers.get(i), diffIds.get(i), findings);
    }
    return findings;
  }

  // CVE-2021-41091: set-user-id files of images must be out of the reach of other users.
  private void permissions(List<Finding> findings) {
    Path root = store.root();
    try {
      Set<PosixFilePermission> open = Files.getPosixFilePermissions(root);
      open.retainAll(OTHERS);
      if (!open.isEmpty()) {
        findings.add(
            new Finding("\"" + root + "\"", "it is open to other users; chmod 700 closes it"));
      }
    } catch (IOException e) {
      throw Reasons.cannotRead(root, e);
    }
  }

  private void layer(Descriptor layer, Digest diffId, List<Finding> findings) {
    String what = "layer " + layer.digest();
    try (InputStream packed = store.open(layer)) {
      Digest actual = unpacked(packed, diffId);
      if (!actual.equals(diffId)) {
        findings.add(
            new Finding(
                what, "it unpacks to " + actual + ", the image's configuration names " + diffId));
      }
    } catch (ImageFailure e) {
      findings.add(new Finding(what, String.valueOf(e.getMessage())));
    } catch (IOException e) {
      findings.add(new Finding(what, blobProblem(layer, e)));
    }
  }

  private static Digest unpacked(InputStream packed, Digest diffId) throws IOException {
    MessageDigest computation = diffId.algorithm().start();
    byte[] buffer = new byte[1 << 17];
    try (InputStream plain = Decompressor.open(new Unclosed(packed))) {
      for (int got; (got = plain.read(buffer)) >= 0; ) {
        computation.update(buffer, 0, got);
      }
    }
    // Read to its end, or its own digest is never judged.
    while (packed.read(buffer) >= 0) {
      // The rest counts for the digest alone.
    }
    return Digest.of(diffId.algorithm(), computation);
  }

  // What cannot be inflated is, as a rule, a changed blob: then that is what to say.
  private String blobProblem(Descriptor layer, IOException damage) {
    try (InputStream packed = store.open(layer)) {
      packed.transferTo(java.io.OutputStream.nullOutputStream());
    } catch (ImageFailure e) {
      return String.valueOf(e.getMessage());
    } catch (IOException e) {
      return Reasons.of(e);
    }
    return "it cannot be unpacked: " + Reasons.of(damage);
  }

  /** Stays open when what reads it is closed. */
  private static final class Unclosed extends FilterInputStream {
    Unclosed(InputStream in) {
      super(in);
    }

    @Override
    public void close() {}
  }
}
