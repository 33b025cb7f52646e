package dev.jrunc.runtime.nativetest;

import static dev.jrunc.runtime.nativetest.Main.check;
import static dev.jrunc.runtime.nativetest.Main.equal;

import dev.jrunc.kernel.CloneFlags;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.Memory;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.SocketCalls;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.kernel.WaitStatus;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.nativetest.Main.Named;
import dev.jrunc.runtime.process.Interruption;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** Java going on in a cloned process: what a JVM cannot do. */
final class ProcessCases {
  private final Linux linux;

  private ProcessCases(Linux linux) {
    this.linux = linux;
  }

  static List<Named> all(Linux linux) {
    ProcessCases cases = new ProcessCases(linux);
    return List.of(
        new Named("parent and child collect garbage apart", cases::collectApart),
        new Named("a child in new namespaces is pid 1", cases::newNamespaces),
        new Named("two hundred children are reaped by signal", cases::reapMany),
        new Named("a pidfd tells when its process ends", cases::pidfd),
        new Named("a signal interrupts a wait, and a check again", cases::interruption),
        new Named("a descriptor travels over a socket", cases::passDescriptor),
        new Named("a child joins the namespaces of another", cases::joinOther),
        new Named("time goes on whatever the clock is set to", cases::evenTime),
        new Named("a sealed copy of this program cannot be written", cases::sealedCopy));
  }

  private int exitOf(Runnable body, long flags) {
    ProcessCalls.Clone clone = linux.processes().clone(flags, null);
    if (clone.inChild()) {
      try {
        body.run();
      } catch (RuntimeException e) {
        linux.processes().exit(99);
      }
      linux.processes().exit(0);
    }
    Objects.requireNonNull(clone.pidfd()).close();
    return Objects.requireNonNull(linux.processes().waitFor(clone.pid(), 0)).exitCode();
  }

  private void collectApart() {
    int expected = MemoryCases.churn(15000);
    equal(0, exitOf(() -> equal(expected, MemoryCases.churn(15000)), 0));
    equal(expected, MemoryCases.churn(15000));
  }

  // In a process of its own: what is blocked here is to be blocked for no other case.
  private void interruption() {
    equal(0, exitOf(this::interrupted, 0));
  }

  private void interrupted() {
    Interruption.watch(linux);
    Interruption.check(linux);
    linux.processes().killRaw(linux.processes().pid(), ProcessCalls.SIGTERM);
    check(interrupts(() -> Interruption.poll(linux, List.of(), new int[0], 5000)), "no poll");
    equal(ProcessCalls.SIGTERM, Interruption.signal());
    // What cleans up on the way out may wait; who has gone on in spite of it is stopped.
    Interruption.poll(linux, List.of(), new int[0], 1);
    check(interrupts(() -> Interruption.check(linux)), "no check");
    Interruption.end(linux);
    Interruption.check(linux);
  }

  private static boolean interrupts(Runnable act) {
    try {
      act.run();
      return false;
    } catch (Failure e) {
      return e.code() == Failure.Code.INTERRUPTED;
    }
  }

  private void newNamespaces() {
    long flags =
        CloneFlags.NEWNS
            | CloneFlags.NEWPID
            | CloneFlags.NEWUTS
            | CloneFlags.NEWIPC
            | CloneFlags.NEWNET
            | CloneFlags.NEWCGROUP;
    equal(0, exitOf(() -> equal(1, linux.processes().pid()), flags));
  }

  private void reapMany() {
    long childMask = 1L << (ProcessCalls.SIGCHLD - 1);
    try (Descriptor signals = linux.processes().signalDescriptor(childMask)) {
      for (int i = 0; i < 200; i++) {
        ProcessCalls.Clone clone = linux.processes().clone(0, null);
        if (clone.inChild()) {
          linux.processes().exit(i & 127);
        }
        Objects.requireNonNull(clone.pidfd()).close();
      }
      int reaped = 0;
      while (reaped < 200) {
        int[] happened =
            linux.processes().poll(List.of(signals), new int[] {ProcessCalls.POLL_IN}, 5000);
        check(happened[0] != 0, "no signal within five seconds, " + reaped + " reaped");
        linux.streams().readRaw(signals, new byte[128]);
        for (WaitStatus s; (s = linux.processes().waitFor(-1, ProcessCalls.NO_HANG)) != null; ) {
          check(s.signal() == 0, "killed by " + s.signal());
          reaped++;
        }
      }
    } finally {
      linux.processes().blockSignals(0);
    }
  }

  private void pidfd() {
    ProcessCalls.Clone clone = linux.processes().clone(0, null);
    if (clone.inChild()) {
      linux.processes().exit(3);
    }
    try (Descriptor pidfd = Objects.requireNonNull(clone.pidfd())) {
      int[] happened =
          linux.processes().poll(List.of(pidfd), new int[] {ProcessCalls.POLL_IN}, 5000);
      check(happened[0] != 0, "the process did not end within five seconds");
    }
    equal(3, Objects.requireNonNull(linux.processes().waitFor(clone.pid(), 0)).exitCode());
  }

  private void evenTime() {
    long since;
    try (Memory memory = Memory.scope(linux.gate())) {
      Memory.Block time = memory.block(16);
      int monotonic = 1;
      int number = SystemCall.CLOCK_GETTIME.number(linux.gate().architecture());
      linux.gate().call(number, monotonic, time.address(), 0, 0, 0, 0);
      since = System.nanoTime() - time.getLong(0) * 1_000_000_000L - time.getLong(8);
    }
    check(since >= 0 && since < 1_000_000_000L, "off by " + since + " ns");
  }

  private void passDescriptor() {
    Descriptor[] sockets = linux.sockets().pair(SocketCalls.SEQUENCED);
    try (Descriptor a = sockets[0];
        Descriptor b = sockets[1];
        Descriptor file = linux.streams().memoryFile("passed", 0)) {
      linux.streams().write(file, "content");
      linux.sockets().send(a, "with".getBytes(StandardCharsets.UTF_8), file);
      SocketCalls.Message message = Objects.requireNonNull(linux.sockets().receive(b, 100));
      equal("with", new String(message.content(), StandardCharsets.UTF_8));
      try (Descriptor received = Objects.requireNonNull(message.descriptor())) {
        linux.streams().seek(received, 0, 0);
        byte[] content = linux.streams().readAll(received, 100);
        equal("content", new String(content, StandardCharsets.UTF_8));
      }
    }
  }

  private void joinOther() {
    Descriptor[] line = linux.sockets().pair(SocketCalls.SEQUENCED);
    ProcessCalls.Clone other = linux.processes().clone(CloneFlags.NEWUTS | CloneFlags.NEWIPC, null);
    if (other.inChild()) {
      line[0].close();
      linux.sockets().receive(line[1], 1);
      linux.processes().exit(0);
    }
    line[1].close();
    Descriptor pidfd = Objects.requireNonNull(other.pidfd());
    int joined =
        exitOf(
            () -> {
              linux.processes().joinNamespace(pidfd, CloneFlags.NEWUTS | CloneFlags.NEWIPC);
              linux.processes().setHostName("joined");
              equal(MemoryCases.churn(2000), MemoryCases.churn(2000));
            },
            0);
    line[0].close();
    linux.processes().waitFor(other.pid(), 0);
    pidfd.close();
    equal(0, joined);
  }

  private void sealedCopy() {
    int allowSealing = 2;
    int addSeals = 1033;
    int allSeals = 1 | 2 | 4 | 8;
    try (Descriptor copy = linux.streams().memoryFile("copy", allowSealing);
        Descriptor self = linux.files().open(linux.currentDirectory(), "/proc/self/exe", 0, 0)) {
      long left = linux.files().status(self).size();
      check(left > 0, "the program has a size");
      while (left > 0) {
        left -= linux.streams().sendFile(copy, self, left);
      }
      linux.streams().control(copy, addSeals, allSeals);
      check(linux.streams().writeRaw(copy, new byte[1], 1) < 0, "a write must fail");
    }
  }
}
