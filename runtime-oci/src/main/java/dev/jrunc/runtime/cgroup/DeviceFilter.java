package dev.jrunc.runtime.cgroup;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.Memory;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.runtime.capability.HostRoot;
import dev.jrunc.runtime.error.Failure;

/** Loads a device program and binds it to a group, see bpf(2). */
final class DeviceFilter {
  private static final int PROGRAM_LOAD = 5;
  private static final int PROGRAM_ATTACH = 8;
  private static final int TYPE_CGROUP_DEVICE = 15;
  private static final int ATTACH_CGROUP_DEVICE = 6;

  /** Programs of the groups above still have their say, and ours does not replace another. */
  private static final int ALLOW_MULTI = 2;

  private DeviceFilter() {}

  static void attach(Linux linux, String directory, byte[] program) {
    try (Descriptor group =
            linux
                .files()
                .open(
                    linux.currentDirectory(),
                    directory,
                    OpenFlags.RDONLY | OpenFlags.DIRECTORY,
                    0);
        Descriptor loaded = load(linux.gate(), program);
        Memory memory = Memory.scope(linux.gate())) {
      Memory.Block attributes = memory.block(32);
      attributes.putInt(0, group.number()).putInt(4, loaded.number());
      attributes.putInt(8, ATTACH_CGROUP_DEVICE).putInt(12, ALLOW_MULTI);
      bpf(linux.gate(), PROGRAM_ATTACH, attributes);
    } catch (SyscallFailed failed) {
      if (failed.errno() == Errno.EPERM && !HostRoot.is(linux)) {
        // No user but root may bind programs, and none can make nodes for devices they have not.
        return;
      }
      throw Failure.system("unable to limit devices of cgroup \"" + directory + "\"", failed);
    }
  }

  private static Descriptor load(Gate gate, byte[] program) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block attributes = memory.block(64);
      attributes.putInt(0, TYPE_CGROUP_DEVICE).putInt(4, program.length / 8);
      attributes.putLong(8, memory.bytes(program).address());
      attributes.putLong(16, memory.string("Apache"));
      return new Descriptor(gate, (int) bpf(gate, PROGRAM_LOAD, attributes));
    }
  }

  private static long bpf(Gate gate, int command, Memory.Block attributes) {
    long result =
        gate.call(
            SystemCall.BPF.number(gate.architecture()),
            command,
            attributes.address(),
            attributes.size(),
            0,
            0,
            0);
    if (result < 0) {
      throw new SyscallFailed(SystemCall.BPF, "device program", (int) -result);
    }
    return result;
  }
}
