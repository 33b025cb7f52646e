package dev.jrunc.runtime.shim;

import com.fasterxml.jackson.core.util.BufferRecycler;

/**
 * In place of jackson-core's holder of reusable buffers. Its own asks for a system property, and to
 * fill those TeaVM looks the user up through getpwuid(3): thirty system calls at every start.
 */
public final class BufferRecyclers {
  private static final BufferRecycler RECYCLER = new BufferRecycler();

  private BufferRecyclers() {}

  public static BufferRecycler getBufferRecycler() {
    return RECYCLER;
  }
}
