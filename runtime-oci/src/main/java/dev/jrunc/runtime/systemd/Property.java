package dev.jrunc.runtime.systemd;

import dev.jrunc.runtime.dbus.Value;

/** One property of a unit. */
record Property(String name, Value value) {

  static Property of(String name, boolean value) {
    return new Property(name, Value.of(value));
  }

  static Property of(String name, String value) {
    return new Property(name, Value.of(value));
  }

  /** UINT64; -1 is what systemd calls infinity. */
  static Property of(String name, long value) {
    return new Property(name, Value.uint64(value));
  }

  /** As StartTransientUnit and SetUnitProperties take it. */
  Value asArgument() {
    return Value.struct(Value.of(name), new Value.Variant(value));
  }
}
