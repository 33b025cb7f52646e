package dev.jrunc.image.compression;

import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Memory;
import dev.jrunc.kernel.jnr.JnrGate;
import dev.jrunc.kernel.jnr.NativeLibrary;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.DataFormatException;

/**
 * Intel's ISA-L, where the machine has one that works as it is called here. Nothing says which
 * version it is, so that is tried out: a wrong guess would be memory that another struct lies in.
 */
final class IsalLibrary {
  static final String SONAME = "libisal.so.2";

  // New in 2.24, the first to count past 4 GiB.
  private static final String SINCE_2_24 = "isal_gzip_header_init";

  private static final byte[] PLAIN =
      "one layer, two layers, three layers".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] PACKED = {
    -53, -49, 75, 85, -56, 73, -84, 76, 45, -46, 81, 40, 41, -49, -121, 48, -117, -127, -20, -116,
    -94, 84, -88, 68, 49, 0
  };
  private static final byte[] BEHIND = {1, 2, 3, 4, 5, 6, 7, 8, 9};

  private final Gate gate = new JnrGate();
  private final NativeLibrary library;
  private final long init;
  private final long inflate;

  private IsalLibrary(NativeLibrary library) {
    this.library = library;
    this.init = library.function("isal_inflate_init");
    this.inflate = library.function("isal_inflate");
  }

  /** By its soname; empty where there is none, or none that is known. */
  static Optional<IsalLibrary> find(String soname) {
    return NativeLibrary.find(soname)
        .filter(library -> library.function(SINCE_2_24) != 0)
        .map(IsalLibrary::new)
        .filter(IsalLibrary::isKnown);
  }

  private boolean isKnown() {
    return init != 0 && inflate != 0 && knowsTheState() && inflates();
  }

  // A struct of another layout would have its zeros elsewhere, a larger one behind the end.
  private boolean knowsTheState() {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block state = memory.block(IsalInflation.STATE_SIZE);
      byte[] ones = new byte[state.size()];
      Arrays.fill(ones, (byte) -1);
      state.putBytes(0, ones);
      begin(state.address());
      byte[] behind =
          state.getBytes(IsalInflation.KNOWN_SIZE, state.size() - IsalInflation.KNOWN_SIZE);
      return IsalInflation.isFresh(state)
          && Arrays.equals(behind, Arrays.copyOf(ones, behind.length));
    }
  }

  private boolean inflates() {
    byte[] input = Arrays.copyOf(PACKED, PACKED.length + BEHIND.length);
    System.arraycopy(BEHIND, 0, input, PACKED.length, BEHIND.length);
    byte[] output = new byte[PLAIN.length + 1];
    try (IsalInflation inflation = new IsalInflation(this)) {
      int split = PACKED.length / 2;
      inflation.give(input, 0, split);
      int first = inflation.inflate(output, 0, output.length);
      inflation.give(input, split, input.length - split);
      int second = inflation.inflate(output, first, output.length - first);
      return inflation.inflate(output, 0, 1) == 0
          && inflation.ended()
          && inflation.unused() == BEHIND.length
          && first + second == PLAIN.length
          && Arrays.equals(Arrays.copyOf(output, PLAIN.length), PLAIN);
    } catch (DataFormatException e) {
      return false;
    }
  }

  Gate gate() {
    return gate;
  }

  void begin(long state) {
    library.call(init, state);
  }

  int inflate(long state) {
    return library.call(inflate, state);
  }
}
