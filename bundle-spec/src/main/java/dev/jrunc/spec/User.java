package dev.jrunc.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who the program runs as, inside the container; ids from 0 to 2^32-1. */
public record User(long uid, long gid, @Nullable Integer umask, List<Long> additionalGids) {
  public User {
    additionalGids = List.copyOf(additionalGids);
  }
}
