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

  /** The same with these in place of its own, where they are not null. */
  public IntelRdt withSchemas(@Nullable String cache, @Nullable String bandwidth) {
    return new IntelRdt(
        closId,
        schemata,
        cache == null ? l3CacheSchema : cache,
        bandwidth == null ? memBwSchema : bandwidth,
        enableMonitoring);
  }
}
