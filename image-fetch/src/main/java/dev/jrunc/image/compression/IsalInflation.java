package dev.jrunc.image.compression;

import dev.jrunc.kernel.Memory;
import java.util.stream.IntStream;
import java.util.zip.DataFormatException;

/**
 * By libisal's igzip, which takes half of zlib's time or less. It reads and writes memory outside
 * of the heap only, so everything is copied once.
 *
 * <pre>
 *   struct inflate_state {                                   igzip_lib.h, 2.24 to 2.32
 *     0     uint8_t *next_out     8  uint32_t avail_out
 *     16    uint8_t *next_in      24 uint64_t read_in        bits taken in and not yet used
 *     32    uint32_t avail_in     36 int32_t  read_in_length
 *     21160 int      block_state  21168 uint32_t bfinal
 *     21172 uint32_t crc_flag     21180 uint32_t hist_bits   87,368 bytes in all
 * </pre>
 */
final class IsalInflation implements Inflation {
  private static final int NEXT_OUT = 0;
  private static final int AVAIL_OUT = 8;
  private static final int NEXT_IN = 16;
  private static final int READ_IN = 24;
  private static final int AVAIL_IN = 32;
  private static final int READ_IN_LENGTH = 36;
  private static final int BLOCK_STATE = 21160;
  private static final int BFINAL = 21168;
  private static final int HIST_BITS = 21180;
  static final int KNOWN_SIZE = 87_368;

  // Room for more fields, should a newer one have them.
  static final int STATE_SIZE = 128 * 1024;

  // ISAL_BLOCK_FINISH
  private static final int FINISHED = 5;
  private static final int LARGEST_OUTPUT = 256 * 1024;

  private final IsalLibrary library;
  private final Memory memory;
  private final Memory.Block state;
  private final Memory.Block input;
  private final Memory.Block output;

  IsalInflation(IsalLibrary library) {
    this.library = library;
    this.memory = Memory.scope(library.gate());
    this.state = memory.block(STATE_SIZE);
    this.input = memory.block(LARGEST_INPUT);
    this.output = memory.block(LARGEST_OUTPUT);
    library.begin(state.address());
  }

  /** Whether a state is as isal_inflate_init leaves one of the layout above, and nothing behind. */
  static boolean isFresh(Memory.Block state) {
    return IntStream.of(NEXT_OUT, AVAIL_OUT, NEXT_IN, READ_IN, AVAIL_IN, BFINAL)
            .allMatch(offset -> state.getLong(offset) == 0)
        && state.getInt(BLOCK_STATE) == 0
        && state.getInt(HIST_BITS) == 0;
  }

  @Override
  public void reset() {
    library.begin(state.address());
  }

  @Override
  public void give(byte[] source, int offset, int length) {
    if (length > LARGEST_INPUT) {
      throw new IllegalArgumentException(length + " bytes of input at once");
    }
    library.gate().write(input.address(), source, offset, length);
    state.putLong(NEXT_IN, input.address()).putInt(AVAIL_IN, length);
  }

  @Override
  public int inflate(byte[] target, int offset, int length) throws DataFormatException {
    int room = Math.min(length, LARGEST_OUTPUT);
    while (!ended()) {
      int before = state.getInt(AVAIL_IN);
      state.putLong(NEXT_OUT, output.address()).putInt(AVAIL_OUT, room);
      int result = library.inflate(state.address());
      if (result < 0) {
        throw new DataFormatException("libisal: " + result);
      }
      int count = room - state.getInt(AVAIL_OUT);
      if (count > 0) {
        library.gate().read(output.address(), target, offset, count);
        return count;
      }
      int left = state.getInt(AVAIL_IN);
      if (left == 0) {
        return 0;
      }
      if (left == before) { // It would not go on for ever.
        throw new DataFormatException("libisal stands still");
      }
    }
    return 0;
  }

  @Override
  public boolean ended() {
    return state.getInt(BLOCK_STATE) == FINISHED;
  }

  // What it has taken in and not used: until 2.32.0 still counted as bits.
  @Override
  public int unused() {
    return state.getInt(AVAIL_IN) + state.getInt(READ_IN_LENGTH) / 8;
  }

  @Override
  public void close() {
    memory.close();
  }
}
