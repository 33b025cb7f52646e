package dev.jrunc.image.layer;

import dev.jrunc.image.failure.Reasons;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Reads the entries of a layer as strictly as they are unpacked, and makes no files. */
public final class LayerReading {
  private LayerReading() {}

  /** Hears of the entries in their order. */
  public interface Visitor {
    /**
     * One entry.
     *
     * @param path without a slash before or after it; bytes, each a character of ISO-8859-1
     * @param content of a file, to be read now or never
     */
    void visit(String path, LayerEntry entry, InputStream content) throws IOException;
  }

  /**
   * All entries but those that AUFS keeps for itself.
   *
   * @throws LayerRefused where the layer is damaged, another one, hostile or past the limits
   */
  public static void read(LayerSource layer, UnpackBudget budget, Visitor visitor) {
    int deepest = budget.limits().depth();
    try (InflatedLayer plain = new InflatedLayer(layer, budget).start()) {
      LayerTar tar = new LayerTar(plain, plain::holes);
      for (LayerEntry entry; (entry = tar.next()) != null; ) {
        budget.entry(layer.label());
        EntryName name = EntryName.parse(entry.name(), layer.label(), deepest);
        if (!name.isBelowWhiteout()) {
          visitor.visit(name.path(), entry, tar);
        }
      }
      // What pads the archive is part of the layer's identity.
      plain.transferTo(OutputStream.nullOutputStream());
      plain.checkDigest();
    } catch (IOException e) {
      throw new LayerRefused(layer.label() + " cannot be read: " + Reasons.of(e), e);
    }
  }

  /** Where a hard link leads, named as the paths of entries are. */
  public static String target(LayerSource layer, LayerEntry entry) {
    return EntryName.parse(entry.link(), layer.label(), Integer.MAX_VALUE).path();
  }
}
