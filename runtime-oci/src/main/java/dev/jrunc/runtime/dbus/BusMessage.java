package dev.jrunc.runtime.dbus;

import java.util.ArrayList;
import java.util.List;

/**
 * A message, as far as a client needs to know it.
 *
 * @param type one of the constants here
 * @param replySerial the serial of the call it answers, 0 for none
 * @param path of the object that is called or has sent a signal; empty for none
 * @param member the name of the method or signal
 * @param error the name of the error where it is one
 * @param destination whom it is for; empty where there is no bus between
 * @param body the arguments
 */
record BusMessage(
    int type,
    int flags,
    long serial,
    long replySerial,
    String path,
    String interfaceName,
    String member,
    String error,
    String destination,
    List<Value> body) {
  static final int CALL = 1;
  static final int RETURN = 2;
  static final int ERROR = 3;
  static final int SIGNAL = 4;

  /** What stands before the fields: order, type, flags, version, length of body, serial. */
  static final int FIXED = 16;

  // The specification allows 128 MB; whoever speaks to us has a few lines to say.
  private static final int LARGEST = 1 << 18;

  private static final int PATH = 1;
  private static final int INTERFACE = 2;
  private static final int MEMBER = 3;
  private static final int ERROR_NAME = 4;
  private static final int REPLY_SERIAL = 5;
  private static final int DESTINATION = 6;
  private static final int SIGNATURE = 8;

  BusMessage {
    body = List.copyOf(body);
  }

  byte[] encode() {
    WireWriter content = new WireWriter();
    for (Value value : body) {
      content.value(value);
    }
    List<Value> fields = new ArrayList<>();
    text(fields, PATH, 'o', path);
    text(fields, MEMBER, 's', member);
    text(fields, INTERFACE, 's', interfaceName);
    text(fields, ERROR_NAME, 's', error);
    if (replySerial != 0) {
      fields.add(field(REPLY_SERIAL, Value.uint32(replySerial)));
    }
    text(fields, DESTINATION, 's', destination);
    text(fields, SIGNATURE, 'g', Value.signature(body));
    WireWriter whole = new WireWriter();
    whole.number('l', 1);
    whole.number(type, 1);
    whole.number(flags, 1);
    whole.number(1, 1);
    whole.number(content.length(), 4);
    whole.number(serial, 4);
    whole.value(new Value.Array("(yv)", fields));
    whole.align(8);
    byte[] head = whole.content();
    byte[] all = java.util.Arrays.copyOf(head, head.length + content.length());
    System.arraycopy(content.content(), 0, all, head.length, content.length());
    return all;
  }

  private static void text(List<Value> fields, int code, char type, String text) {
    if (!text.isEmpty()) {
      fields.add(field(code, new Value.Text(type, text)));
    }
  }

  private static Value field(int code, Value value) {
    return Value.struct(new Value.Number('y', code), new Value.Variant(value));
  }

  /** How long the message is whose first {@link #FIXED} bytes these are. */
  static int length(byte[] start) {
    boolean bigEndian = bigEndian(start);
    WireReader reader = new WireReader(start, 4, bigEndian);
    List<Value> sizes = reader.values("uuu");
    long body = ((Value.Number) sizes.get(0)).bits();
    long fields = ((Value.Number) sizes.get(2)).bits();
    if (body > LARGEST || fields > LARGEST) {
      throw BusConnection.broken("a message of " + (body + fields) + " bytes");
    }
    return (int) (FIXED + (fields + 7) / 8 * 8 + body);
  }

  /** Reads a whole message. */
  static BusMessage decode(byte[] content) {
    WireReader reader = new WireReader(content, 8, bigEndian(content));
    long serial = ((Value.Number) reader.values("u").getFirst()).bits();
    Value.Array fields = (Value.Array) reader.values("a(yv)").getFirst();
    reader.align(8);
    String[] texts = new String[SIGNATURE + 1];
    java.util.Arrays.fill(texts, "");
    long replySerial = 0;
    for (Value each : fields.values()) {
      Value.Struct field = (Value.Struct) each;
      int code = (int) ((Value.Number) field.fields().get(0)).bits();
      Value value = ((Value.Variant) field.fields().get(1)).value();
      if (value instanceof Value.Text text && code < texts.length) {
        texts[code] = text.value();
      } else if (value instanceof Value.Number number && code == REPLY_SERIAL) {
        replySerial = number.bits();
      }
    }
    return new BusMessage(
        content[1],
        content[2],
        serial,
        replySerial,
        texts[PATH],
        texts[INTERFACE],
        texts[MEMBER],
        texts[ERROR_NAME],
        texts[DESTINATION],
        reader.values(texts[SIGNATURE]));
  }

  private static boolean bigEndian(byte[] content) {
    return switch (content[0]) {
      case 'l' -> false;
      case 'B' -> true;
      default -> throw BusConnection.broken("what comes is no message");
    };
  }

  /** The {@code index}-th argument as text; empty where it is none. */
  String text(int index) {
    return index < body.size() && body.get(index) instanceof Value.Text text ? text.value() : "";
  }
}
