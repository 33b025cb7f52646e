package dev.jrunc.image.compression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.ZipException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Both inflaters on gzip files of all kinds, whole and damaged. */
class InflationAgreementTest {
  private static final Set<String> REFUSALS =
      Set.of(
          "damaged gzip data",
          "gzip data ends too early",
          "gzip data does not match its checksum",
          "junk after the end of the gzip data");

  @BeforeAll
  static void needsBoth() {
    Inflaters.assumeThereIs("libisal");
  }

  @Test
  void readTheSameOfWholeFiles() throws IOException {
    for (int seed = 0; seed < 400; seed++) {
      Random random = new Random(seed);
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      ByteArrayOutputStream plain = new ByteArrayOutputStream();
      for (int members = 1 + random.nextInt(3); members > 0; members--) {
        byte[] content = content(random);
        plain.writeBytes(content);
        packed.writeBytes(gzip(content, random));
      }
      packed.writeBytes(new byte[random.nextInt(3) * 700]);
      String wanted = outcome(plain.toByteArray());
      for (String inflater : new String[] {"jdk", "libisal"}) {
        assertEquals(wanted, read(packed.toByteArray(), inflater, random), inflater + " " + seed);
      }
    }
  }

  // Each says where it sees the damage first: that need not be the same place.
  @Test
  void refuseTheSameDamagedFiles() throws IOException {
    Map<String, Integer> outcomes = new HashMap<>();
    for (int seed = 0; seed < 3000; seed++) {
      Random random = new Random(seed);
      byte[] damaged = damaged(gzip(content(random), random), random);
      String jdk = read(damaged, "jdk", random);
      String libisal = read(damaged, "libisal", random);
      assertEquals(REFUSALS.contains(jdk), REFUSALS.contains(libisal), jdk + libisal + seed);
      if (!REFUSALS.contains(jdk)) {
        assertEquals(jdk, libisal, "" + seed);
      }
      outcomes.merge(REFUSALS.contains(libisal) ? libisal : "read", 1, Integer::sum);
    }
    assertTrue(outcomes.keySet().containsAll(REFUSALS), outcomes::toString);
  }

  private static byte[] content(Random random) {
    byte[] content = new byte[random.nextInt(random.nextInt(8) == 0 ? 400_000 : 3000)];
    int kinds = 1 << random.nextInt(9);
    for (int i = 0; i < content.length; i++) {
      boolean again = i > 0 && random.nextInt(3) > 0;
      content[i] =
          again ? content[i - 1 - random.nextInt(Math.min(i, 200))] : (byte) random.nextInt(kinds);
    }
    return content;
  }

  private static byte[] gzip(byte[] content, Random random) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    packed.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3});
    try (Deflater deflater = new Deflater(random.nextInt(10), true)) {
      deflater.setStrategy(random.nextInt(3));
      deflater.setInput(content);
      deflater.finish();
      byte[] piece = new byte[1 << 16];
      while (!deflater.finished()) {
        packed.write(piece, 0, deflater.deflate(piece, 0, piece.length));
      }
    }
    CRC32 checksum = new CRC32();
    checksum.update(content);
    writeInt(packed, (int) checksum.getValue());
    writeInt(packed, content.length);
    return packed.toByteArray();
  }

  private static void writeInt(ByteArrayOutputStream out, int value) {
    for (int shift = 0; shift < 32; shift += 8) {
      out.write(value >>> shift);
    }
  }

  private static byte[] damaged(byte[] packed, Random random) {
    if (random.nextInt(10) == 0) {
      byte[] longer = Arrays.copyOf(packed, packed.length + 1 + random.nextInt(20));
      longer[longer.length - 1] = 1;
      return longer;
    }
    byte[] damaged = packed.clone();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      // Most of what can go wrong is in the first block's head.
      int reach = random.nextBoolean() ? Math.min(damaged.length, 120) : damaged.length;
      damaged[Math.min(damaged.length - 1, 10 + random.nextInt(reach))] ^=
          (byte) (1 << random.nextInt(8));
    }
    int length = damaged.length + 2 - random.nextInt(4);
    return random.nextInt(4) == 0 ? Arrays.copyOf(damaged, random.nextInt(length)) : damaged;
  }

  private static String read(byte[] packed, String inflater, Random random) throws IOException {
    int most = 1 + random.nextInt(random.nextBoolean() ? 10 : 1 << 17);
    InputStream slow =
        new ByteArrayInputStream(packed) {
          @Override
          public synchronized int read(byte[] buffer, int offset, int length) {
            return super.read(buffer, offset, Math.min(most, length));
          }
        };
    try (InputStream plain = new GzipMembers(slow, InflaterChoice.open(inflater))) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      byte[] piece = new byte[1 + random.nextInt(1 << 19)];
      for (int got; (got = plain.read(piece)) >= 0; ) {
        all.write(piece, 0, got);
      }
      return outcome(all.toByteArray());
    } catch (ZipException | EOFException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static String outcome(byte[] content) {
    return content.length + " bytes, " + Arrays.hashCode(content);
  }
}
