package dev.jrunc.runtime.shim;

/** In place of jackson-core's cache of interned names: TeaVM has no {@code String.intern}. */
public final class InternCache {
  @SuppressWarnings("ConstantField") // The name is jackson-core's.
  public static final InternCache instance = new InternCache();

  private InternCache() {}

  public String intern(String name) {
    return name;
  }
}
