package dev.jrunc.kernel;

import static dev.jrunc.kernel.SystemCall.*;

import java.util.List;

/** Users, groups and capabilities of the calling thread. */
public final class CredentialCalls extends Calls {

  CredentialCalls(Gate gate) {
    super(gate);
  }

  public int uid() {
    return (int) raw(GETUID, 0, 0, 0);
  }

  public int gid() {
    return (int) raw(GETGID, 0, 0, 0);
  }

  public int effectiveUid() {
    return (int) raw(GETEUID, 0, 0, 0);
  }

  /** Real, effective and saved user at once. */
  public long setUidRaw(long uid) {
    return raw(SETRESUID, uid, uid, uid);
  }

  /** Real, effective and saved group at once. */
  public long setGidRaw(long gid) {
    return raw(SETRESGID, gid, gid, gid);
  }

  public long setGroupsRaw(List<Long> groups) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block list = memory.block(4 * groups.size());
      for (int i = 0; i < groups.size(); i++) {
        list.putInt(4 * i, groups.get(i).intValue());
      }
      return raw(SETGROUPS, groups.size(), list.address(), 0);
    }
  }

  /** The three sets of capset(2), bit n for capability n. */
  public record CapabilitySets(long effective, long permitted, long inheritable) {}

  public CapabilitySets capabilities() {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block data = memory.block(24);
      check(CAPGET, raw(CAPGET, header(memory), data.address(), 0), "");
      return new CapabilitySets(join(data, 0), join(data, 4), join(data, 8));
    }
  }

  public long setCapabilitiesRaw(CapabilitySets sets) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block data = memory.block(24);
      split(data, 0, sets.effective());
      split(data, 4, sets.permitted());
      split(data, 8, sets.inheritable());
      return raw(CAPSET, header(memory), data.address(), 0);
    }
  }

  private static long header(Memory memory) {
    int version3 = 0x20080522;
    return memory.block(8).putInt(0, version3).address();
  }

  // Two structures of three 32-bit words: the low halves first, the high halves 12 bytes later.
  private static long join(Memory.Block data, int offset) {
    return (data.getInt(offset) & 0xffffffffL) | (long) data.getInt(offset + 12) << 32;
  }

  private static void split(Memory.Block data, int offset, long set) {
    data.putInt(offset, (int) set);
    data.putInt(offset + 12, (int) (set >>> 32));
  }
}
