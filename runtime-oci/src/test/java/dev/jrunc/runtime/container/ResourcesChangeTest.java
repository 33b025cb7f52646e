package dev.jrunc.runtime.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.jrunc.spec.Resources;
import dev.jrunc.spec.SpecReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ResourcesChangeTest {
  private static Resources resources(String json) {
    byte[] document = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return assertNotNull(SpecReader.readResources(document).spec());
  }

  private static <T> T assertNotNull(@Nullable T value) {
    org.junit.jupiter.api.Assertions.assertNotNull(value);
    return java.util.Objects.requireNonNull(value);
  }

  private static ResourcesChange change(String old, String change) {
    return ResourcesChange.of(resources(old), resources(change));
  }

  @Test
  void whatIsNotNamedIsKeptAndNotWritten() {
    ResourcesChange c =
        change("{'pids':{'limit':5},'cpu':{'shares':9,'cpus':'0'}}", "{'cpu':{'shares':7}}");
    assertEquals(5, assertNotNull(c.kept().pids()).limit());
    assertEquals(7, assertNotNull(c.kept().cpu()).shares());
    assertEquals("0", assertNotNull(c.kept().cpu()).cpus());
    assertNull(c.written().pids());
    assertNull(assertNotNull(c.written().cpu()).cpus());
  }

  @Test
  void swapIsWrittenWithTheMemoryItIsCountedWith() {
    ResourcesChange c = change("{'memory':{'limit':100,'swap':300}}", "{'memory':{'swap':200}}");
    assertEquals(100, assertNotNull(c.written().memory()).limit());
    assertEquals(200, assertNotNull(c.written().memory()).swap());
  }

  @Test
  void memoryWithoutLimitLiftsSwapToo() {
    ResourcesChange c = change("{'memory':{'limit':100,'swap':300}}", "{'memory':{'limit':-1}}");
    assertEquals(-1, assertNotNull(c.written().memory()).limit());
    assertNull(assertNotNull(c.written().memory()).swap());
  }

  @Test
  void quotaIsWrittenWithThePeriodItIsPartOf() {
    ResourcesChange c = change("{'cpu':{'quota':10,'period':100}}", "{'cpu':{'quota':20}}");
    assertEquals(20, assertNotNull(c.written().cpu()).quota());
    assertEquals(100, assertNotNull(c.written().cpu()).period());
  }

  @Test
  void zeroLeavesTheOldValue() {
    ResourcesChange c = change("{'memory':{'limit':100}}", "{'memory':{'limit':0}}");
    assertEquals(100, assertNotNull(c.kept().memory()).limit());
    assertNull(assertNotNull(c.written().memory()).limit());
  }

  @Test
  void devicesAreNeverWritten() {
    ResourcesChange c =
        change("{'devices':[{'allow':false}]}", "{'devices':[{'allow':true,'access':'rwm'}]}");
    assertEquals(0, c.written().devices().size());
    assertEquals(false, c.kept().devices().get(0).allow());
  }

  @Test
  void aDeviceThatIsThrottledAlreadyGetsTheNewRate() {
    String device = "{'blockIO':{'throttleReadBpsDevice':[{'major':8,'minor':0,'rate':";
    ResourcesChange c = change(device + "1}]}}", device + "2}]}}");
    assertEquals(1, assertNotNull(c.kept().blockIo()).throttleReadBpsDevice().size());
    assertEquals(2, assertNotNull(c.kept().blockIo()).throttleReadBpsDevice().get(0).rate());
  }
}
