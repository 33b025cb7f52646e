package dev.jrunc.image.commit;

import com.github.luben.zstd.ZstdOutputStream;
import dev.jrunc.image.digest.Digest;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.zip.GZIPOutputStream;

/** Packs a layer into a file, and digests what goes in and what comes out. */
final class PackedLayer extends FilterOutputStream {
  private final DigestOutputStream plain;
  private final DigestOutputStream packed;
  private final Counted counted;

  private PackedLayer(DigestOutputStream plain, DigestOutputStream packed, Counted counted) {
    super(plain);
    this.plain = plain;
    this.packed = packed;
    this.counted = counted;
  }

  static PackedLayer over(OutputStream file, Packing packing) throws IOException {
    Counted counted = new Counted(file);
    DigestOutputStream packed =
        new DigestOutputStream(new BufferedOutputStream(counted, 1 << 16), sha256());
    OutputStream inner =
        switch (packing) {
          case GZIP -> new GZIPOutputStream(packed, 1 << 16);
          case ZSTD -> new ZstdOutputStream(packed);
          case NONE -> packed;
        };
    return new PackedLayer(new DigestOutputStream(inner, sha256()), packed, counted);
  }

  private static MessageDigest sha256() {
    return Digest.Algorithm.SHA256.start();
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    out.write(bytes, offset, length);
  }

  /** Once it is closed. */
  Digest diffId() {
    return Digest.of(Digest.Algorithm.SHA256, plain.getMessageDigest());
  }

  Digest digest() {
    return Digest.of(Digest.Algorithm.SHA256, packed.getMessageDigest());
  }

  long size() {
    return counted.count;
  }

  private static final class Counted extends FilterOutputStream {
    private long count;

    Counted(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      count++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      count += length;
    }
  }
}
