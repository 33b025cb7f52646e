package dev.jrunc.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;

class ErrnoTest {

  @Test
  void everyNumberAndSymbolIsTheOneOfTheSystemHeaders() throws IllegalAccessException {
    int checked = 0;
    for (Field field : Errno.class.getDeclaredFields()) {
      jnr.constants.platform.linux.Errno theirs =
          jnr.constants.platform.linux.Errno.valueOf(field.getName());
      assertEquals(theirs.intValue(), field.getInt(null), field.getName());
      assertEquals(field.getName(), Errno.symbol(field.getInt(null)));
      assertEquals(
          theirs.toString().toLowerCase(java.util.Locale.ROOT),
          Errno.message(field.getInt(null)).toLowerCase(java.util.Locale.ROOT));
      checked++;
    }
    assertTrue(checked > 40, checked + " checked");
  }

  @Test
  void anUnknownNumberIsStillNamed() {
    assertEquals("E999", Errno.symbol(999));
    assertEquals("errno 999", Errno.message(999));
  }
}
