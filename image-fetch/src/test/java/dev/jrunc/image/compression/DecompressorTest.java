package dev.jrunc.image.compression;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

class DecompressorTest {
  private static final byte[] CONTENT = content(300_000);

  @Test
  void passesPlainContentOn() throws IOException {
    assertArrayEquals(CONTENT, open(CONTENT));
    assertEquals(0, open(new byte[0]).length);
    assertArrayEquals(new byte[] {0x1f}, open(new byte[] {0x1f}));
  }

  @Test
  void readsZstdOfSeveralFramesAndSkippableOnes() throws IOException {
    byte[] skippable = {0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9};
    byte[] frame = Zstd.compress(CONTENT);
    assertArrayEquals(join(CONTENT, CONTENT), open(join(skippable, frame, frame)));
  }

  @Test
  void refusesTruncatedZstd() {
    byte[] frame = Zstd.compress(CONTENT);
    byte[] cut = Arrays.copyOf(frame, frame.length - 10);
    IOException failure = assertThrows(IOException.class, () -> open(cut));
    assertTrue(String.valueOf(failure.getMessage()).contains("Truncated"), failure::toString);
  }

  @Nested
  @ParameterizedClass
  @ValueSource(strings = {"jdk", "libisal"})
  class Gzip {
    @Parameter String inflater = "";

    @BeforeEach
    void needsTheLibrary() {
      Inflaters.assumeThereIs(inflater);
    }

    @Test
    void readsOneMemberAndSeveral() throws IOException {
      assertArrayEquals(CONTENT, read(gzip(CONTENT)));
      assertArrayEquals(join(CONTENT, CONTENT), read(join(gzip(CONTENT), gzip(CONTENT))));
    }

    @Test
    void readsHeadersWithEveryField() throws IOException {
      byte[] packed = gzip(CONTENT);
      byte[] head = {0x1f, (byte) 0x8b, 8, 2 + 4 + 8 + 16, 0, 0, 0, 0, 0, 3};
      byte[] fields = {2, 0, 7, 7, 'n', 0, 'c', 0, 1, 2};
      byte[] rest = Arrays.copyOfRange(packed, 10, packed.length);
      assertArrayEquals(CONTENT, read(join(head, fields, rest)));
    }

    @Test
    void readsOneByteAtATimeFromASlowStream() throws IOException {
      InputStream slow =
          new ByteArrayInputStream(gzip(CONTENT)) {
            @Override
            public synchronized int read(byte[] buffer, int offset, int length) {
              return super.read(buffer, offset, Math.min(1, length));
            }
          };
      assertArrayEquals(CONTENT, open(slow).readAllBytes());
    }

    @Test
    void toleratesPaddingAndReadsItToTheEnd() throws IOException {
      ByteArrayInputStream source =
          new ByteArrayInputStream(join(gzip(CONTENT), new byte[200_000]));
      assertArrayEquals(CONTENT, open(source).readAllBytes());
      assertEquals(0, source.available());
    }

    @Test
    void refusesJunkBehindTheEnd() {
      assertFails(join(gzip(CONTENT), new byte[] {1}), "junk after the end");
      assertFails(join(gzip(CONTENT), new byte[] {0, 0, 1}), "junk after the end");
    }

    @Test
    void refusesEveryTruncation() {
      byte[] packed = gzip(CONTENT);
      for (int length : new int[] {5, 11, packed.length / 2, packed.length - 1}) {
        assertFails(Arrays.copyOf(packed, length), "ends too early");
      }
    }

    @Test
    void refusesAWrongChecksum() {
      byte[] packed = gzip(CONTENT);
      packed[packed.length - 6] ^= 1;
      assertFails(packed, "does not match its checksum");
    }

    @Test
    void takesStreamsApartThatEndWhereItsInputEnds() throws IOException {
      // So long that what it reads at once ends in the trailer, or just before or behind it.
      for (int more = -12; more <= 4; more++) {
        byte[] noise = new byte[Inflation.LARGEST_INPUT - 18 + more];
        new Random(more).nextBytes(noise);
        byte[] stored = gzip(noise, Deflater.NO_COMPRESSION);
        assertArrayEquals(join(noise, CONTENT), read(join(stored, gzip(CONTENT))), "" + more);
      }
    }

    @Test
    void refusesDamage() {
      byte[] packed = gzip(CONTENT);
      packed[10] |= 6; // There is no third kind of block.
      assertFails(packed, "damaged gzip data");
    }

    private byte[] read(byte[] packed) throws IOException {
      return open(new ByteArrayInputStream(packed)).readAllBytes();
    }

    private InputStream open(InputStream packed) {
      return new GzipMembers(packed, InflaterChoice.open(inflater));
    }

    private void assertFails(byte[] packed, String reason) {
      IOException failure = assertThrows(IOException.class, () -> read(packed));
      assertTrue(String.valueOf(failure.getMessage()).contains(reason), failure::toString);
    }
  }

  private static byte[] open(byte[] packed) throws IOException {
    try (InputStream plain = Decompressor.open(new ByteArrayInputStream(packed))) {
      return plain.readAllBytes();
    }
  }

  private static byte[] content(int length) {
    byte[] content = new byte[length];
    Random random = new Random(7);
    for (int i = 0; i < length; i++) {
      content[i] = (byte) (random.nextInt(8) * 3);
    }
    return content;
  }

  private static byte[] gzip(byte[] plain) {
    return gzip(plain, Deflater.DEFAULT_COMPRESSION);
  }

  private static byte[] gzip(byte[] plain, int level) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out =
        new GZIPOutputStream(packed) {
          {
            def.setLevel(level);
          }
        }) {
      out.write(plain);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return packed.toByteArray();
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
