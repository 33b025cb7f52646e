package dev.jrunc.runtime.dbus;

import java.util.List;

/** A value of a message; each knows its type, so that a variant can say what it holds. */
public sealed interface Value {

  /** The type as D-Bus writes it: {@code s}, {@code at}, {@code a(ss)}. */
  String signature();

  /** BOOLEAN. */
  record Flag(boolean value) implements Value {
    @Override
    public String signature() {
      return "b";
    }
  }

  /**
   * A number of fixed size.
   *
   * @param type one of {@code y n q i u x t d}
   * @param bits its value; of a double the bits of IEEE 754
   */
  record Number(char type, long bits) implements Value {
    @Override
    public String signature() {
      return String.valueOf(type);
    }
  }

  /**
   * Text.
   *
   * @param type {@code s}, {@code o} for an object's path or {@code g} for a signature
   */
  record Text(char type, String value) implements Value {
    @Override
    public String signature() {
      return String.valueOf(type);
    }
  }

  /** ARRAY: all of one type, which must be told since there may be none. */
  record Array(String elements, List<Value> values) implements Value {
    public Array {
      values = List.copyOf(values);
    }

    @Override
    public String signature() {
      return "a" + elements;
    }
  }

  /** STRUCT. */
  record Struct(List<Value> fields) implements Value {
    public Struct {
      fields = List.copyOf(fields);
    }

    @Override
    public String signature() {
      return "(" + Value.signature(fields) + ")";
    }
  }

  /** VARIANT. */
  record Variant(Value value) implements Value {
    @Override
    public String signature() {
      return "v";
    }
  }

  static Value of(boolean value) {
    return new Flag(value);
  }

  static Value of(String value) {
    return new Text('s', value);
  }

  /** A path of an object. */
  static Value path(String value) {
    return new Text('o', value);
  }

  /** UINT32. */
  static Value uint32(long value) {
    return new Number('u', value);
  }

  /** UINT64; -1 is the largest. */
  static Value uint64(long value) {
    return new Number('t', value);
  }

  static Value struct(Value... fields) {
    return new Struct(List.of(fields));
  }

  /** ARRAY of bytes. */
  static Value bytes(byte[] content) {
    Value[] values = new Value[content.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = new Number('y', content[i] & 0xff);
    }
    return new Array("y", List.of(values));
  }

  /** The types of several values, one after another. */
  static String signature(List<Value> values) {
    StringBuilder all = new StringBuilder();
    for (Value value : values) {
      all.append(value.signature());
    }
    return all.toString();
  }
}
