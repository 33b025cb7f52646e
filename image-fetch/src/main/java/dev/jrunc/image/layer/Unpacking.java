package dev.jrunc.image.layer;

import dev.jrunc.image.tree.TreeRecord;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import java.nio.charset.StandardCharsets;

/** What the layers that go into one tree share while they are unpacked. */
final class Unpacking implements AutoCloseable {
  private final Linux linux;
  private final UnpackOptions options;
  private final Ownership ownership;
  private final boolean alone;
  private final ContentWriters writers;
  private final LostAttributes lost = new LostAttributes();

  /**
   * @param alone whether the tree is of one layer that lies on others
   */
  Unpacking(Gate gate, UnpackOptions options, boolean alone) {
    this.linux = Linux.over(gate, StandardCharsets.ISO_8859_1);
    this.options = options;
    this.ownership = Ownership.of(linux);
    this.alone = alone;
    this.writers = new ContentWriters(gate);
  }

  Linux linux() {
    return linux;
  }

  TreeForm form() {
    return options.form();
  }

  UnpackLimits limits() {
    return options.budget().limits();
  }

  TreeRecord record() {
    return options.record();
  }

  Ownership ownership() {
    return ownership;
  }

  boolean alone() {
    return alone;
  }

  /** Whether a device that may not be made is no reason to fail. */
  boolean withoutDevices() {
    return options.withoutDevices();
  }

  ContentWriters writers() {
    return writers;
  }

  UnpackBudget budget() {
    return options.budget();
  }

  LostAttributes lost() {
    return lost;
  }

  @Override
  public void close() {
    writers.close();
  }
}
