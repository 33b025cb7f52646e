package dev.jrunc.kernel;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Memory for the arguments of one call (or a few), freed together when the scope closes. Offsets
 * are checked against the size of the whole block, so a wrong layout fails in Java and not in the
 * heap.
 */
public final class Memory implements AutoCloseable {
  private final Gate gate;
  private long[] blocks = new long[4];
  private int count;

  private Memory(Gate gate) {
    this.gate = gate;
  }

  /** Opens a scope. */
  public static Memory scope(Gate gate) {
    return new Memory(gate);
  }

  /** A zeroed block of {@code size} bytes. */
  public Block block(int size) {
    long address = gate.allocate(size);
    if (count == blocks.length) {
      long[] larger = new long[count * 2];
      System.arraycopy(blocks, 0, larger, 0, count);
      blocks = larger;
    }
    blocks[count++] = address;
    return new Block(gate, address, size);
  }

  /** A block that holds {@code content}. */
  public Block bytes(byte[] content) {
    Block block = block(content.length);
    gate.write(block.address(), content, 0, content.length);
    return block;
  }

  /** The address of a NUL-terminated string in UTF-8. */
  public long string(String text) {
    return string(text, StandardCharsets.UTF_8);
  }

  /** The address of a NUL-terminated string; a NUL inside is refused, since C would cut there. */
  public long string(String text, Charset charset) {
    byte[] content =
        charset.equals(StandardCharsets.UTF_8) ? Utf8.encode(text) : text.getBytes(charset);
    for (byte b : content) {
      if (b == 0) {
        throw new IllegalArgumentException("a NUL character inside \"" + text + "\"");
      }
    }
    Block block = block(content.length + 1);
    gate.write(block.address(), content, 0, content.length);
    return block.address();
  }

  /** The address of a NULL-terminated array of strings, as execve(2) takes it. */
  public long strings(Iterable<String> texts) {
    int length = 0;
    for (String ignored : texts) {
      length++;
    }
    Block array = block(8 * (length + 1));
    int index = 0;
    for (String text : texts) {
      array.putLong(8 * index++, string(text));
    }
    return array.address();
  }

  @Override
  public void close() {
    for (int i = 0; i < count; i++) {
      gate.free(blocks[i]);
    }
    count = 0;
  }

  /** A piece of memory with a known size in bytes. */
  public record Block(Gate gate, long address, int size) {

    private long at(int offset, int width) {
      if (offset < 0 || width < 0 || offset > size - width) {
        throw new IndexOutOfBoundsException(offset + "+" + width + " of " + size);
      }
      return address + offset;
    }

    public byte getByte(int offset) {
      return gate.getByte(at(offset, 1));
    }

    public short getShort(int offset) {
      return gate.getShort(at(offset, 2));
    }

    public int getInt(int offset) {
      return gate.getInt(at(offset, 4));
    }

    public long getLong(int offset) {
      return gate.getLong(at(offset, 8));
    }

    public Block putByte(int offset, int value) {
      gate.putByte(at(offset, 1), (byte) value);
      return this;
    }

    public Block putShort(int offset, int value) {
      gate.putShort(at(offset, 2), (short) value);
      return this;
    }

    public Block putInt(int offset, int value) {
      gate.putInt(at(offset, 4), value);
      return this;
    }

    public Block putLong(int offset, long value) {
      gate.putLong(at(offset, 8), value);
      return this;
    }

    /** A copy of {@code length} bytes from {@code offset}. */
    public byte[] getBytes(int offset, int length) {
      byte[] copy = new byte[length];
      gate.read(at(offset, length), copy, 0, length);
      return copy;
    }

    public Block putBytes(int offset, byte[] content) {
      return putBytes(offset, content, content.length);
    }

    /** The first {@code length} bytes of {@code content}. */
    public Block putBytes(int offset, byte[] content, int length) {
      gate.write(at(offset, length), content, 0, length);
      return this;
    }
  }
}
