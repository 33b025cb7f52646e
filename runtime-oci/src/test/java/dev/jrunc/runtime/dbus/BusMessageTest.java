package dev.jrunc.runtime.dbus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.jrunc.runtime.error.Failure;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against what busctl of systemd 252 sent for the same calls, byte for byte. */
class BusMessageTest {
  private static final String SYSTEMD = "org.freedesktop.systemd1";
  private static final String PATH = "/org/freedesktop/systemd1";
  private static final String MANAGER = "org.freedesktop.systemd1.Manager";

  private static final String HELLO =
      "6c01000100000000010000006d00000001016f00150000002f6f72672f667265656465736b746f70"
          + "2f44427573000000030173000500000048656c6c6f00000002017300140000006f72672e66726565"
          + "6465736b746f702e444275730000000006017300140000006f72672e667265656465736b746f702e"
          + "4442757300000000";

  private static final String START =
      "6c010401f800000002000000b600000001016f00190000002f6f72672f667265656465736b746f70"
          + "2f73797374656d643100000000000000030173001200000053746172745472616e7369656e74556e"
          + "697400000000000002017300200000006f72672e667265656465736b746f702e73797374656d6431"
          + "2e4d616e61676572000000000000000006017300180000006f72672e667265656465736b746f702e"
          + "73797374656d64310000000000000000080167001073736128737629612873612873762929000000"
          + "0f0000006a72756e632d7765622e73636f706500070000007265706c61636500ca00000000000000"
          + "05000000536c696365000173000000000c00000073797374656d2e736c6963650000000000000000"
          + "0800000044656c656761746500016200010000000000000004000000504944730002617500000000"
          + "0400000067120000090000004d656d6f72794d617800017400000000000000000000000200000000"
          + "0b000000446576696365416c6c6f7700056128737329000032000000000000000d0000002f646576"
          + "2f636861722f313a330000000300000072776d000000000006000000636861722d2a000001000000"
          + "6d00000000000000";

  private static final String SET =
      "6c0104016800000002000000ad00000001016f00190000002f6f72672f667265656465736b746f70"
          + "2f73797374656d6431000000000000000301730011000000536574556e697450726f706572746965"
          + "730000000000000002017300200000006f72672e667265656465736b746f702e73797374656d6431"
          + "2e4d616e61676572000000000000000006017300180000006f72672e667265656465736b746f702e"
          + "73797374656d64310000000000000000080167000773626128737629000000000f0000006a72756e"
          + "632d7765622e73636f7065000100000048000000000000000b000000416c6c6f7765644350557300"
          + "026179000200000005010000000000001200000043505551756f7461506572536563555365630001"
          + "7400000000000000ffffffffffffffff";

  private static final String GET =
      "6c01000134000000020000009000000001016f00190000002f6f72672f667265656465736b746f70"
          + "2f73797374656d64310000000000000003017300030000004765740000000000020173001f000000"
          + "6f72672e667265656465736b746f702e444275732e50726f70657274696573000601730018000000"
          + "6f72672e667265656465736b746f702e73797374656d643100000000000000000801670002737300"
          + "200000006f72672e667265656465736b746f702e73797374656d64312e4d616e6167657200000000"
          + "0700000056657273696f6e00";

  private static BusMessage call(int flags, int serial, String member, List<Value> body) {
    return new BusMessage(
        BusMessage.CALL, flags, serial, 0, PATH, MANAGER, member, "", SYSTEMD, body);
  }

  private static Value property(String name, Value value) {
    return Value.struct(Value.of(name), new Value.Variant(value));
  }

  private static BusMessage hello() {
    String bus = "org.freedesktop.DBus";
    return new BusMessage(
        BusMessage.CALL, 0, 1, 0, "/org/freedesktop/DBus", bus, "Hello", "", bus, List.of());
  }

  private static BusMessage start() {
    Value devices =
        new Value.Array(
            "(ss)",
            List.of(
                Value.struct(Value.of("/dev/char/1:3"), Value.of("rwm")),
                Value.struct(Value.of("char-*"), Value.of("m"))));
    List<Value> properties =
        List.of(
            property("Slice", Value.of("system.slice")),
            property("Delegate", Value.of(true)),
            property("PIDs", new Value.Array("u", List.of(Value.uint32(4711)))),
            property("MemoryMax", Value.uint64(33554432)),
            property("DeviceAllow", devices));
    return call(
        4,
        2,
        "StartTransientUnit",
        List.of(
            Value.of("jrunc-web.scope"),
            Value.of("replace"),
            new Value.Array("(sv)", properties),
            new Value.Array("(sa(sv))", List.of())));
  }

  private static BusMessage set() {
    List<Value> properties =
        List.of(
            property("AllowedCPUs", Value.bytes(new byte[] {5, 1})),
            property("CPUQuotaPerSecUSec", Value.uint64(-1)));
    return call(
        4,
        2,
        "SetUnitProperties",
        List.of(Value.of("jrunc-web.scope"), Value.of(true), new Value.Array("(sv)", properties)));
  }

  private static BusMessage get() {
    return new BusMessage(
        BusMessage.CALL,
        0,
        2,
        0,
        PATH,
        "org.freedesktop.DBus.Properties",
        "Get",
        "",
        SYSTEMD,
        List.of(Value.of(MANAGER), Value.of("Version")));
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static void agree(String golden, BusMessage message) {
    assertEquals(golden, HexFormat.of().formatHex(message.encode()));
    assertEquals(message, BusMessage.decode(bytes(golden)));
    assertEquals(golden.length() / 2, BusMessage.length(bytes(golden)));
  }

  @Test
  void encodesAsBusctlDoes() {
    agree(HELLO, hello());
    agree(START, start());
    agree(SET, set());
    agree(GET, get());
  }

  @Test
  void readsBigEndian() {
    // A return with one uint32: order, type, flags, version, length, serial, two fields.
    byte[] message =
        bytes(
            "42020101"
                + "00000004"
                + "00000007"
                + "0000000f"
                + "05017500"
                + "00000002"
                + "0801670001750000"
                + "01020304");
    BusMessage read = BusMessage.decode(message);
    assertEquals(2, read.replySerial());
    assertEquals(List.of(Value.uint32(0x01020304)), read.body());
  }

  @Test
  void readsEveryType() {
    List<Value> all =
        List.of(
            new Value.Number('y', 255),
            new Value.Number('n', -2),
            new Value.Number('q', 65535),
            new Value.Number('i', -3),
            new Value.Number('x', Long.MIN_VALUE),
            new Value.Number('d', Double.doubleToLongBits(0.5)),
            Value.path("/a"),
            new Value.Text('g', "a{sv}"),
            new Value.Array("as", List.of(new Value.Array("s", List.of(Value.of("\u00fc"))))),
            new Value.Variant(new Value.Variant(Value.of(false))));
    BusMessage message = call(0, 9, "Any", all);
    assertEquals(message, BusMessage.decode(message.encode()));
  }

  @Test
  void readsDictionariesOfOthers() {
    // PropertiesChanged(sa{sv}as), which systemd sends to everybody: the entries are structures.
    WireReader reader =
        new WireReader(
            bytes("0a000000" + "00000000" + "01000000" + "6100" + "017900" + "07"), 0, false);
    Value.Array entries = (Value.Array) reader.values("a{sv}").getFirst();
    assertEquals(
        List.of(Value.of("a"), new Value.Variant(new Value.Number('y', 7))),
        ((Value.Struct) entries.values().getFirst()).fields());
  }

  @Test
  void refusesEveryMessageThatIsCutOff() {
    byte[] whole = start().encode();
    for (int length = BusMessage.FIXED; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      try {
        BusMessage.decode(cut);
        fail("taken with " + length + " bytes of " + whole.length);
      } catch (Failure e) {
        assertTrue(String.valueOf(e.getMessage()).startsWith("D-Bus: "), e.getMessage());
      }
    }
  }

  @Test
  void survivesEveryChangedByte() {
    Random random = new Random(1);
    byte[] whole = start().encode();
    int refused = 0;
    for (int i = 0; i < whole.length; i++) {
      for (int j = 0; j < 8; j++) {
        byte[] changed = whole.clone();
        changed[i] = (byte) random.nextInt(256);
        try {
          if (BusMessage.length(changed) == changed.length) {
            BusMessage.decode(changed);
          }
        } catch (Failure e) {
          refused++;
        }
      }
    }
    assertTrue(refused > 100, "only " + refused + " were refused");
  }

  @Test
  void refusesWhatIsTooLong() {
    byte[] start = Arrays.copyOf(bytes(HELLO), BusMessage.FIXED);
    start[6] = 0x7f;
    Failure failure =
        org.junit.jupiter.api.Assertions.assertThrows(
            Failure.class, () -> BusMessage.length(start));
    assertTrue(String.valueOf(failure.getMessage()).contains("a message of"), failure.getMessage());
  }
}
