package dev.jrunc.runtime.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.runtime.error.Failure;
import org.junit.jupiter.api.Test;

class UnitPlaceTest {

  private static void refused(String cgroupsPath, String sentence) {
    Failure failure = assertThrows(Failure.class, () -> UnitPlace.of(cgroupsPath, "web"));
    assertTrue(String.valueOf(failure.getMessage()).contains(sentence), failure.getMessage());
    assertEquals("/linux/cgroupsPath", failure.pointer());
  }

  @Test
  void namesTheScopeAfterTheContainerWithoutAPath() {
    UnitPlace place = UnitPlace.of(null, "web");
    assertEquals("jrunc-web.scope", place.unit());
    assertEquals("/system.slice/jrunc-web.scope", place.group("system.slice"));
    assertEquals(place, UnitPlace.of("", "web"));
  }

  @Test
  void readsSlicePrefixAndName() {
    UnitPlace place = UnitPlace.of("machine.slice:libpod:4711", "web");
    assertEquals("machine.slice", place.slice());
    assertEquals("libpod-4711.scope", place.unit());
    assertEquals("/machine.slice/libpod-4711.scope", place.group("system.slice"));
  }

  @Test
  void takesTheDefaultSliceWhereNoneIsNamed() {
    assertEquals("/user.slice/a-b.scope", UnitPlace.of(":a:b", "web").group("user.slice"));
  }

  @Test
  void expandsNestedSlices() {
    assertEquals("/a.slice", UnitPlace.expand("a.slice"));
    assertEquals(
        "/kubepods.slice/kubepods-pod.slice/kubepods-pod-1.slice",
        UnitPlace.expand("kubepods-pod-1.slice"));
    assertEquals("", UnitPlace.expand("-.slice"));
    assertEquals("/a-b.scope", UnitPlace.of("-.slice:a:b", "web").group("system.slice"));
  }

  @Test
  void refusesWhatIsNoSlice() {
    for (String slice :
        new String[] {"a", ".slice", "a--b.slice", "-a.slice", "a-.slice", "a/b.slice"}) {
      refused(slice + ":p:n", "invalid slice name: " + slice);
    }
  }

  @Test
  void refusesOtherForms() {
    refused("/plain/path", "expected cgroupsPath to be of format \"slice:prefix:name\"");
    refused("a.slice:b", "got \"a.slice:b\" instead");
    refused("a.slice:b:c:d", "got \"a.slice:b:c:d\" instead");
    refused("a.slice:p:n.slice", "names a slice, which can hold no processes");
    refused("a.slice:p:../n", "\"p-../n.scope\" is no name of a systemd unit");
    refused("a.slice:p:" + "n".repeat(255), "is no name of a systemd unit");
  }
}
