package dev.jrunc.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Cache and memory bandwidth allocation, see resctrl. */
public record IntelRdt(
    @Nullable String closId,
    List<String> schemata,
    @Nullable String l3CacheSchema,
    @Nullable String memBwSchema,
    boolean enableMonitoring) {
  public IntelRdt {
    schemata = List.copyOf(schemata);
  }
}
