package dev.jrunc.runtime.nativetest;

import static dev.jrunc.runtime.nativetest.Main.equal;
import static dev.jrunc.runtime.nativetest.Main.fails;

import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.Memory;
import dev.jrunc.runtime.nativetest.Main.Named;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The collector under load, and memory outside its reach. */
final class MemoryCases {
  private MemoryCases() {}

  static List<Named> all(Linux linux) {
    return List.of(
        new Named("hundreds of megabytes of garbage are collected", MemoryCases::garbage),
        new Named("what is still held survives collections", MemoryCases::survivors),
        new Named("a block outside the heap keeps its content", () -> outside(linux)),
        new Named("blocks of every size are zeroed, apart and used again", () -> blocks(linux)),
        new Named("an offset past a block's end is refused", () -> bounds(linux)));
  }

  private static void garbage() {
    long sum = 0;
    for (int i = 0; i < 6000; i++) {
      byte[] piece = new byte[65536];
      piece[i % 65536] = 1;
      sum += piece[i % 65536];
    }
    equal(6000L, sum);
  }

  static int churn(int rounds) {
    Map<Integer, List<String>> map = new HashMap<>();
    int hash = 0;
    for (int i = 0; i < rounds; i++) {
      List<String> words = new ArrayList<>();
      for (int j = 0; j < 20; j++) {
        words.add("w" + i + ":" + j);
      }
      map.put(i % 500, words);
      hash = hash * 31 + words.hashCode();
    }
    return hash ^ map.size();
  }

  private static void survivors() {
    equal(churn(20000), churn(20000));
  }

  private static void outside(Linux linux) {
    try (Memory memory = Memory.scope(linux.gate())) {
      Memory.Block block = memory.bytes(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
      equal(churn(5000), churn(5000));
      equal(0x0807060504030201L, block.getLong(0));
      equal((byte) 3, block.getBytes(2, 1)[0]);
    }
  }

  private static void blocks(Linux linux) {
    for (int round = 0; round < 3; round++) {
      try (Memory memory = Memory.scope(linux.gate())) {
        List<Memory.Block> blocks = new ArrayList<>();
        for (int size = 0; size < 300_000; size += 1 + size / 3) {
          Memory.Block block = memory.block(size);
          equal(0L, block.address() % 16);
          for (int i = 0; i < size; i++) {
            equal((byte) 0, block.getByte(i));
            block.putByte(i, blocks.size() + 1);
          }
          blocks.add(block);
        }
        for (int b = 0; b < blocks.size(); b++) {
          for (int i = 0; i < blocks.get(b).size(); i++) {
            equal((byte) (b + 1), blocks.get(b).getByte(i));
          }
        }
      }
    }
  }

  private static void bounds(Linux linux) {
    try (Memory memory = Memory.scope(linux.gate())) {
      Memory.Block block = memory.block(8);
      fails(IndexOutOfBoundsException.class, () -> block.getLong(1));
      fails(IndexOutOfBoundsException.class, () -> block.putByte(-1, 0));
    }
  }
}
