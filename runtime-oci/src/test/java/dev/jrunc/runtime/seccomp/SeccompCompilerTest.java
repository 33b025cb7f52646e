package dev.jrunc.runtime.seccomp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jrunc.kernel.Architecture;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.jnr.JnrGate;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.Seccomp;
import dev.jrunc.spec.SeccompAction;
import dev.jrunc.spec.SeccompArgument;
import dev.jrunc.spec.SeccompOperator;
import dev.jrunc.spec.SyscallRule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import jnr.ffi.LibraryLoader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the real libseccomp as a shared library; the numbers are those of x86_64. */
class SeccompCompilerTest {
  private static final int X86_64 = 0xc000003e;
  private static final int ALLOW = 0x7fff0000;
  private static final int EPERM = 0x00050001;
  private static final int ENOSYS = 0x00050026;
  private static final int GETPPID = 110;
  private static final int CLONE = 56;
  private static final int SOCKET = 41;

  private final Linux linux = Linux.over(new JnrGate());
  private @Nullable FilterLibrary loaded;
  @TempDir Path folder;

  @BeforeEach
  void loadLibrary() {
    assumeTrue(
        linux.gate().architecture() == Architecture.X86_64, "the expected numbers are of x86_64");
    try {
      loaded = LibraryLoader.create(FilterLibrary.class).load("libseccomp.so.2");
    } catch (UnsatisfiedLinkError missing) {
      assumeTrue(false, "needs libseccomp.so.2");
    }
  }

  private FilterLibrary library() {
    return Objects.requireNonNull(loaded);
  }

  private static SyscallRule rule(SeccompAction action, String name, SeccompArgument... arguments) {
    return new SyscallRule(List.of(name), action, null, List.of(arguments));
  }

  private static SeccompArgument argument(int index, long value, SeccompOperator operator) {
    return new SeccompArgument(index, value, 0, operator);
  }

  private static Seccomp profile(
      SeccompAction byDefault, @Nullable Integer errno, SyscallRule... rules) {
    return new Seccomp(
        byDefault,
        errno,
        List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"),
        List.of(),
        null,
        null,
        List.of(rules));
  }

  private byte[] compile(Seccomp profile) {
    return new SeccompCompiler(linux, library()).compile(profile).instructions();
  }

  private static int ask(byte[] program, int number, long... arguments) {
    return BpfInterpreter.run(program, X86_64, number, arguments);
  }

  @Nested
  class Compiling {
    @Test
    void allowsWhatIsNamedAndAnswersEnosysToWhatIsNewer() {
      byte[] program =
          compile(profile(SeccompAction.ERRNO, null, rule(SeccompAction.ALLOW, "getppid")));
      assertEquals(ALLOW, ask(program, GETPPID));
      assertEquals(EPERM, ask(program, 1));
      assertEquals(ENOSYS, ask(program, GETPPID + 1));
    }

    @Test
    void unknownNamesAreIgnored() {
      byte[] program =
          compile(
              profile(
                  SeccompAction.ERRNO,
                  5,
                  rule(SeccompAction.ALLOW, "no_such_call"),
                  rule(SeccompAction.ALLOW, "getppid")));
      assertEquals(ALLOW, ask(program, GETPPID));
      assertEquals(0x00050005, ask(program, 1));
    }

    @Test
    void aDefaultOfEnosysNeedsNoPrologue() {
      byte[] plain =
          compile(profile(SeccompAction.ERRNO, 38, rule(SeccompAction.ALLOW, "getppid")));
      byte[] patched =
          compile(profile(SeccompAction.ERRNO, 1, rule(SeccompAction.ALLOW, "getppid")));
      assertEquals(1 + 7 + 5, (patched.length - plain.length) / 8);
      assertEquals(ENOSYS, ask(plain, 999));
    }

    @Test
    void conditionsOnDifferentArgumentsMustAllHold() {
      byte[] program =
          compile(
              profile(
                  SeccompAction.ALLOW,
                  null,
                  rule(
                      SeccompAction.KILL_PROCESS,
                      "socket",
                      argument(0, 16, SeccompOperator.EQUAL),
                      argument(2, 9, SeccompOperator.EQUAL))));
      assertEquals(0x80000000, ask(program, SOCKET, 16, 0, 9));
      assertEquals(ALLOW, ask(program, SOCKET, 16, 0, 8));
    }

    @Test
    void conditionsOnOneArgumentAreAlternatives() {
      byte[] program =
          compile(
              profile(
                  SeccompAction.ERRNO,
                  null,
                  rule(
                      SeccompAction.ALLOW,
                      "socket",
                      argument(0, 1, SeccompOperator.EQUAL),
                      argument(0, 2, SeccompOperator.EQUAL))));
      assertEquals(ALLOW, ask(program, SOCKET, 1));
      assertEquals(ALLOW, ask(program, SOCKET, 2));
      assertEquals(EPERM, ask(program, SOCKET, 3));
    }

    @Test
    void everyOperatorCompares() {
      long big = 1L << 40;
      assertTrue(
          holds(SeccompOperator.NOT_EQUAL, big, 5) && !holds(SeccompOperator.NOT_EQUAL, big, big));
      assertTrue(holds(SeccompOperator.LESS, big, 5) && !holds(SeccompOperator.LESS, big, big));
      assertTrue(
          holds(SeccompOperator.LESS_OR_EQUAL, big, big)
              && !holds(SeccompOperator.LESS_OR_EQUAL, big, big + 1));
      assertTrue(holds(SeccompOperator.EQUAL, big, big) && !holds(SeccompOperator.EQUAL, big, 0));
      assertTrue(
          holds(SeccompOperator.GREATER_OR_EQUAL, big, big)
              && !holds(SeccompOperator.GREATER_OR_EQUAL, big, 7));
      assertTrue(
          holds(SeccompOperator.GREATER, big, -1) && !holds(SeccompOperator.GREATER, big, big));
      // Mask 2^40, compared with 0.
      assertTrue(
          holds(SeccompOperator.MASKED_EQUAL, big, 5)
              && !holds(SeccompOperator.MASKED_EQUAL, big, big));
    }

    private boolean holds(SeccompOperator operator, long value, long given) {
      byte[] program =
          compile(
              profile(
                  SeccompAction.ERRNO,
                  null,
                  rule(SeccompAction.ALLOW, "clone", argument(0, value, operator))));
      return ask(program, CLONE, given) == ALLOW;
    }

    @Test
    void manyNamesBecomeATree() {
      List<SyscallRule> rules = new ArrayList<>();
      List<String> names =
          List.of(
              "read",
              "write",
              "open",
              "close",
              "stat",
              "fstat",
              "lstat",
              "poll",
              "lseek",
              "mmap",
              "mprotect",
              "munmap",
              "brk",
              "ioctl",
              "pread64",
              "pwrite64",
              "readv",
              "writev",
              "access",
              "pipe",
              "select",
              "sched_yield",
              "mremap",
              "msync",
              "mincore",
              "madvise",
              "shmget",
              "shmat",
              "shmctl",
              "dup",
              "dup2",
              "pause",
              "nanosleep",
              "getitimer");
      rules.add(new SyscallRule(names, SeccompAction.ALLOW, null, List.of()));
      byte[] program =
          compile(new Seccomp(SeccompAction.ERRNO, 1, List.of(), List.of(), null, null, rules));
      assertEquals(ALLOW, ask(program, 0));
      assertEquals(ALLOW, ask(program, 36));
      assertEquals(EPERM, ask(program, 13));
    }
  }

  @Nested
  class Refusing {
    private void refuses(Seccomp profile, String message, String pointer) {
      Failure failure = assertThrows(Failure.class, () -> compile(profile));
      assertEquals(message, failure.getMessage());
      assertEquals(pointer, failure.pointer());
    }

    @Test
    void notifyWhereItWouldHangTheStart() {
      refuses(
          profile(SeccompAction.NOTIFY, null),
          "SCMP_ACT_NOTIFY cannot be used as default action",
          "/linux/seccomp/defaultAction");
      refuses(
          profile(SeccompAction.ALLOW, null, rule(SeccompAction.NOTIFY, "write")),
          "SCMP_ACT_NOTIFY cannot be used for the write syscall",
          "/linux/seccomp/syscalls/0/action");
    }

    @Test
    void unknownArchitecturesAndFlags() {
      refuses(
          new Seccomp(
              SeccompAction.ALLOW,
              null,
              List.of("SCMP_ARCH_Z80"),
              List.of(),
              null,
              null,
              List.of()),
          "seccomp architecture \"SCMP_ARCH_Z80\" is not known",
          "/linux/seccomp/architectures/0");
      refuses(
          new Seccomp(SeccompAction.ALLOW, null, List.of(), List.of("FLAG"), null, null, List.of()),
          "seccomp flag \"FLAG\" is not known",
          "/linux/seccomp/flags/0");
    }

    @Test
    void aSeventhArgument() {
      refuses(
          profile(
              SeccompAction.ALLOW,
              null,
              rule(SeccompAction.KILL, "read", argument(6, 0, SeccompOperator.EQUAL))),
          "seccomp argument index 6 is not from 0 to 5",
          "/linux/seccomp/syscalls/0/args/0/index");
    }
  }

  @Nested
  class Keeping {
    private final Seccomp profile =
        profile(SeccompAction.ERRNO, null, rule(SeccompAction.ALLOW, "getppid"));

    private Path cache() {
      return folder.resolve("a/b");
    }

    private SeccompProgram get() {
      return new SeccompFilters(linux, library(), cache().toString()).compile(profile);
    }

    private Path onlyFile() throws Exception {
      try (var files = Files.list(cache())) {
        List<Path> all = files.toList();
        assertEquals(1, all.size());
        return all.getFirst();
      }
    }

    @Test
    void theSecondTimeTheKeptProgramIsGiven() throws Exception {
      SeccompProgram first = get();
      assertEquals(
          "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(cache())));
      SeccompProgram marked = new SeccompProgram(new byte[8], 4);
      Files.write(onlyFile(), SeccompCache.format(marked));
      assertArrayEquals(new byte[8], get().instructions());
      assertFalse(first.instructions().length == 8);
    }

    @Test
    void aDamagedFileIsCompiledAgainAndMended() throws Exception {
      byte[] good = get().instructions();
      byte[] damaged = Files.readAllBytes(onlyFile());
      damaged[damaged.length - 5] ^= 1;
      Files.write(onlyFile(), damaged);
      assertArrayEquals(good, get().instructions());
      damaged[damaged.length - 5] ^= 1;
      assertArrayEquals(damaged, Files.readAllBytes(onlyFile()));
    }

    @Test
    void aFolderOpenToOthersIsNotTrusted() throws Exception {
      byte[] good = get().instructions();
      Files.write(onlyFile(), SeccompCache.format(new SeccompProgram(new byte[8], 4)));
      Files.setPosixFilePermissions(cache(), PosixFilePermissions.fromString("rwxrwxrwx"));
      assertArrayEquals(good, get().instructions());
    }

    @Test
    void theFolderStaysSmall() throws Exception {
      get();
      for (int i = 0; i < 63; i++) {
        Files.write(cache().resolve("old" + i), new byte[1]);
      }
      Files.delete(onlyKey());
      get();
      assertEquals(64, count());
      Files.delete(onlyKey());
      Files.write(cache().resolve("old63"), new byte[1]);
      get();
      assertEquals(64, count());
    }

    private long count() throws Exception {
      try (var files = Files.list(cache())) {
        return files.count();
      }
    }

    private Path onlyKey() throws Exception {
      try (var files = Files.list(cache())) {
        return files
            .filter(file -> file.getFileName().toString().length() == 64)
            .findFirst()
            .orElseThrow();
      }
    }

    @Test
    void everyPartOfAProfileChangesItsKey() {
      List<String> keys = new ArrayList<>();
      for (Seccomp other :
          List.of(
              profile,
              profile(SeccompAction.ERRNO, 1, rule(SeccompAction.ALLOW, "getppid")),
              profile(SeccompAction.KILL, null, rule(SeccompAction.ALLOW, "getppid")),
              profile(SeccompAction.ERRNO, null, rule(SeccompAction.LOG, "getppid")),
              profile(SeccompAction.ERRNO, null, rule(SeccompAction.ALLOW, "getpid")),
              profile(
                  SeccompAction.ERRNO,
                  null,
                  rule(SeccompAction.ALLOW, "getppid", argument(0, 1, SeccompOperator.EQUAL))))) {
        keys.add(ProfileKey.of(other, Architecture.X86_64, "2.5.4"));
      }
      for (List<String> names :
          List.of(
              List.of("ab"),
              List.of("a", "b"),
              List.of("b", "a"),
              List.of("\u6162"),
              List.of("\u00ffab"),
              List.of("ab", ""))) {
        SyscallRule named = new SyscallRule(names, SeccompAction.ALLOW, null, List.of());
        keys.add(
            ProfileKey.of(profile(SeccompAction.ERRNO, null, named), Architecture.X86_64, "2.5.4"));
      }
      keys.add(ProfileKey.of(profile, Architecture.AARCH64, "2.5.4"));
      keys.add(ProfileKey.of(profile, Architecture.X86_64, "2.5.5"));
      assertEquals(keys.size(), keys.stream().distinct().count());
    }
  }
}
