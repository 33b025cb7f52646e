package dev.jrunc.image.layer;

import dev.jrunc.image.tree.TreeRecord;

/**
 * How layers are unpacked.
 *
 * @param record writes down what is made; not closed here
 * @param withoutDevices whether an empty file stands for a device that the user may not make
 */
public record UnpackOptions(
    TreeForm form, UnpackLimits limits, TreeRecord record, boolean withoutDevices) {

  /** A plain tree, nothing recorded. */
  public static UnpackOptions plain() {
    return new UnpackOptions(TreeForm.PLAIN, UnpackLimits.DEFAULT, TreeRecord.none(), false);
  }
}
