package dev.jrunc.image.layer;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import java.util.Set;

/**
 * Whether a folder that was just made in a tree may have extended attributes that no layer gave it:
 * default access lists are handed down, see acl(5), and properties of btrfs. To ask each folder for
 * its attributes costs as much as to make it.
 */
final class InheritedAttributes {
  private boolean possible;

  /** In a tree that nothing was unpacked to. */
  InheritedAttributes(Linux linux, Descriptor root) {
    given(Set.copyOf(linux.files().linkAttributes(root.procPath() + "/.")));
  }

  /** A folder got these: those in it may inherit them. */
  void given(Set<String> names) {
    possible |= !names.stream().allMatch(EntryAttributes::hosts);
  }

  boolean possible() {
    return possible;
  }
}
