package dev.jrunc.conformance.cases;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Changes of a config that many cases need. */
final class Writable {
  private Writable() {}

  /** The rootfs may be written to; the default config makes it read-only. */
  static void root(ObjectNode config) {
    config.withObject("/root").put("readonly", false);
  }
}
