package dev.jrunc.image.tree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RecordedOwnerTest {
  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  @Test
  void isAProtocolBuffer() {
    assertArrayEquals(bytes(8, 1, 16, 0xac, 2), new RecordedOwner(1, 300).encoded());
  }

  // As umoci writes it: root is whoever owns the file.
  @Test
  void writesRootAsNotChanged() {
    byte[] none = bytes(8, 0xff, 0xff, 0xff, 0xff, 0x0f, 16, 5);
    assertArrayEquals(none, new RecordedOwner(0, 5).encoded());
    assertEquals(new RecordedOwner(0, 5), RecordedOwner.parse(none));
  }

  @Test
  void comesBackAsItWas() {
    for (RecordedOwner owner :
        new RecordedOwner[] {
          new RecordedOwner(0, 0), new RecordedOwner(1000, 50), new RecordedOwner(4294967294L, 1)
        }) {
      assertEquals(owner, RecordedOwner.parse(owner.encoded()));
    }
  }

  @Test
  void readsWhatOthersWrite() {
    assertEquals(new RecordedOwner(0, 0), RecordedOwner.parse(bytes()));
    assertEquals(new RecordedOwner(0, 7), RecordedOwner.parse(bytes(16, 7)));
    assertEquals(new RecordedOwner(3, 0), RecordedOwner.parse(bytes(24, 9, 8, 3)));
  }
}
