package dev.jrunc.kernel.teavm;

import org.teavm.interop.Address;
import org.teavm.interop.Import;
import org.teavm.interop.c.Include;

/** The executable itself, as it lies in this process's memory. */
public final class NativeProgram {
  // getauxval(3): where the program headers are, how many, and the size of a page.
  private static final long AT_PHDR = 3;
  private static final long AT_PHNUM = 5;
  private static final long AT_PAGESZ = 6;

  // Elf64_Phdr of elf(5).
  private static final int HEADER_SIZE = 56;
  private static final int TYPE = 0;
  private static final int FLAGS = 4;
  private static final int ADDRESS = 16;
  private static final int SIZE = 40;
  private static final int PT_LOAD = 1;
  private static final int PF_W = 2;

  private static final int MADV_DONTNEED = 4;

  private NativeProgram() {}

  @Include("sys/auxv.h")
  @Import(name = "getauxval")
  private static native long getauxval(long type);

  @Include("sys/mman.h")
  @Import(name = "madvise")
  private static native int madvise(Address address, long length, int advice);

  @Include("unistd.h")
  @Import(name = "read")
  private static native long read(int descriptor, Address target, long length);

  /**
   * As {@link #releaseFilePages}, and then waits until a byte can be read: whatever ran in between
   * would map its pages again, sixteen for each that it touches.
   *
   * @param target the address of one byte outside the heap
   * @return the result of read(2), -1 if it failed
   */
  public static long releaseAndRead(int descriptor, long target) {
    Address byteRead = Address.fromLong(target);
    releaseFilePages();
    return read(descriptor, byteRead, 1);
  }

  /**
   * Gives back the pages of the file that are mapped here and cannot be written to: text and
   * constants, nearly all of what a waiting process holds. What is needed again is mapped again
   * from the page cache. Only advice: that it may fail is no one's concern.
   */
  public static void releaseFilePages() {
    Address header = Address.fromLong(getauxval(AT_PHDR));
    long mask = getauxval(AT_PAGESZ) - 1;
    for (long left = getauxval(AT_PHNUM); left > 0; left--) {
      if (header.add(TYPE).getInt() == PT_LOAD && (header.add(FLAGS).getInt() & PF_W) == 0) {
        long start = header.add(ADDRESS).getLong() & ~mask;
        // Down to a whole page: the last one may hold the beginning of what is written to.
        long end = (header.add(ADDRESS).getLong() + header.add(SIZE).getLong()) & ~mask;
        madvise(Address.fromLong(start), end - start, MADV_DONTNEED);
      }
      header = header.add(HEADER_SIZE);
    }
  }
}
