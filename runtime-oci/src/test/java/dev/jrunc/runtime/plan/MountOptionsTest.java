package dev.jrunc.runtime.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.kernel.MountAttribute;
import dev.jrunc.runtime.plan.MountOptions.Depth;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class MountOptionsTest {

  private static MountOptions parse(String... options) {
    return MountOptions.parse(List.of(options));
  }

  @Test
  void everyListedNameIsKnownAndNoneIsLeftForTheFileSystem() {
    for (String name : MountOptions.NAMES.split(" ")) {
      assertEquals(List.of(), parse(name).data(), name);
    }
  }

  @Test
  void listedNamesAreSorted() {
    String[] names = MountOptions.NAMES.split(" ");
    String[] sorted = names.clone();
    Arrays.sort(sorted);
    assertEquals(List.of(sorted), List.of(names));
  }

  @Test
  void whatIsNotListedIsForTheFileSystemInItsOrder() {
    MountOptions options = parse("nosuid", "size=64k", "mode=755", "newinstance");
    assertEquals(List.of("size=64k", "mode=755", "newinstance"), options.data());
    assertEquals("755", options.value("mode"));
    assertNull(options.value("newinst"));
  }

  @Nested
  class Attributes {
    @Test
    void aLaterOptionOverridesAnEarlierOne() {
      MountOptions options = parse("ro", "nodev", "rw");
      assertEquals(MountAttribute.NO_DEV, options.set());
      assertEquals(MountAttribute.READ_ONLY, options.clear());
      assertFalse(options.readOnly());
    }

    @Test
    void anAccessTimeModeTakesTheOthersAway() {
      MountOptions options = parse("strictatime", "noatime");
      assertEquals(MountAttribute.NO_ATIME, options.set());
      // mount_setattr(2) wants all bits of the mode cleared before one is set.
      assertEquals(MountAttribute.ATIME_MASK, options.clear() | options.set());
    }

    @Test
    void relatimeIsNotARecursiveElatime() {
      MountOptions options = parse("relatime");
      assertEquals(MountAttribute.ATIME_MASK, options.clear());
      assertEquals(0, options.recursiveClear());
    }

    @Test
    void anRBeforeMeansTheWholeTree() {
      MountOptions options = parse("rbind", "rro", "rnosuid", "rdev", "rrelatime", "nodev");
      assertEquals(Depth.TREE, options.bind());
      assertEquals(MountAttribute.READ_ONLY | MountAttribute.NO_SUID, options.recursiveSet());
      assertEquals(MountAttribute.NO_DEV | MountAttribute.ATIME_MASK, options.recursiveClear());
      assertEquals(MountAttribute.NO_DEV, options.set());
    }

    @Test
    void flatPutsWhatIsForTheTreeOnTheMount() {
      MountOptions options = parse("rro", "nodev", "rdev").flat();
      assertEquals(MountAttribute.READ_ONLY, options.set());
      assertEquals(MountAttribute.NO_DEV, options.clear() & MountAttribute.NO_DEV);
      assertEquals(0, options.recursiveSet());
      assertTrue(options.readOnly());
    }
  }

  @Nested
  class Propagation {
    @Test
    void noneIsLeftAlone() {
      assertEquals(0, parse("rbind", "ro").propagation());
    }

    @Test
    void theLastOneCounts() {
      MountOptions options = parse("rshared", "slave");
      assertEquals(MountAttribute.SLAVE, options.propagation());
      assertFalse(options.recursivePropagation());
    }

    @Test
    void runbindableIsRecursive() {
      assertTrue(parse("runbindable").recursivePropagation());
      assertEquals(MountAttribute.UNBINDABLE, parse("runbindable").propagation());
    }
  }

  @Test
  void whatBelongsToTheSuperBlockIsKeptApart() {
    MountOptions options = parse("bind", "sync", "lazytime", "silent");
    assertEquals(List.of("sync", "lazytime"), options.superBlock());
    assertEquals(List.of(), options.data());
  }

  @Test
  void idMapsAreForAMountOrATree() {
    assertEquals(Depth.MOUNT, parse("bind", "idmap").idMap());
    assertEquals(Depth.TREE, parse("rbind", "ridmap").idMap());
    assertEquals(Depth.NONE, parse("rbind").idMap());
  }
}
