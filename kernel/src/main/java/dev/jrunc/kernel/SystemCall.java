package dev.jrunc.kernel;

/**
 * The system calls this project makes, with their numbers. Only calls of the generic table are
 * here, so that each exists on every architecture (no {@code open}, {@code mkdir} or {@code fork}).
 *
 * <p>Numbers: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
 */
public enum SystemCall {
  READ(0, 63),
  WRITE(1, 64),
  CLOSE(3, 57),
  LSEEK(8, 62),
  MMAP(9, 222),
  RT_SIGACTION(13, 134),
  RT_SIGPROCMASK(14, 135),
  IOCTL(16, 29),
  GETPID(39, 172),
  SENDFILE(40, 71),
  SOCKET(41, 198),
  CONNECT(42, 203),
  SENDTO(44, 206),
  RECVFROM(45, 207),
  SENDMSG(46, 211),
  RECVMSG(47, 212),
  BIND(49, 200),
  SOCKETPAIR(53, 199),
  SETSOCKOPT(54, 208),
  EXECVE(59, 221),
  WAIT4(61, 260),
  KILL(62, 129),
  FCNTL(72, 25),
  FLOCK(73, 32),
  FTRUNCATE(77, 46),
  GETCWD(79, 17),
  CHDIR(80, 49),
  FCHDIR(81, 50),
  FCHMOD(91, 52),
  UMASK(95, 166),
  GETUID(102, 174),
  GETGID(104, 176),
  GETEUID(107, 175),
  SETSID(112, 157),
  SETGROUPS(116, 159),
  SETRESUID(117, 147),
  SETRESGID(119, 149),
  CAPGET(125, 90),
  CAPSET(126, 91),
  PERSONALITY(135, 92),
  FSTATFS(138, 44),
  PIVOT_ROOT(155, 41),
  PRCTL(157, 167),
  CHROOT(161, 51),
  MOUNT(165, 40),
  UMOUNT2(166, 39),
  SETHOSTNAME(170, 161),
  SETDOMAINNAME(171, 162),
  LSETXATTR(189, 6),
  FSETXATTR(190, 7),
  LGETXATTR(192, 9),
  LLISTXATTR(195, 12),
  LREMOVEXATTR(198, 15),
  SCHED_SETAFFINITY(203, 122),
  SCHED_GETAFFINITY(204, 123),
  GETDENTS64(217, 61),
  CLOCK_GETTIME(228, 113),
  EXIT_GROUP(231, 94),
  SET_MEMPOLICY(238, 237),
  KEYCTL(250, 219),
  IOPRIO_SET(251, 30),
  OPENAT(257, 56),
  MKDIRAT(258, 34),
  MKNODAT(259, 33),
  FCHOWNAT(260, 54),
  UNLINKAT(263, 35),
  LINKAT(265, 37),
  SYMLINKAT(266, 36),
  READLINKAT(267, 78),
  FCHMODAT(268, 53),
  PPOLL(271, 73),
  UNSHARE(272, 97),
  UTIMENSAT(280, 88),
  SIGNALFD4(289, 74),
  EVENTFD2(290, 19),
  DUP3(292, 24),
  PIPE2(293, 59),
  PRLIMIT64(302, 261),
  SYNCFS(306, 267),
  SETNS(308, 268),
  SCHED_SETATTR(314, 274),
  RENAMEAT2(316, 276),
  SECCOMP(317, 277),
  GETRANDOM(318, 278),
  MEMFD_CREATE(319, 279),
  BPF(321, 280),
  EXECVEAT(322, 281),
  COPY_FILE_RANGE(326, 285),
  STATX(332, 291),
  PIDFD_SEND_SIGNAL(424, 424),
  OPEN_TREE(428, 428),
  MOVE_MOUNT(429, 429),
  FSOPEN(430, 430),
  FSCONFIG(431, 431),
  FSMOUNT(432, 432),
  PIDFD_OPEN(434, 434),
  CLONE3(435, 435),
  CLOSE_RANGE(436, 436),
  OPENAT2(437, 437),
  PIDFD_GETFD(438, 438),
  FACCESSAT2(439, 439),
  MOUNT_SETATTR(442, 442);

  private final int x86;
  private final int generic;

  SystemCall(int x86, int generic) {
    this.x86 = x86;
    this.generic = generic;
  }

  /** The number to hand to {@link Gate#call} on {@code architecture}. */
  public int number(Architecture architecture) {
    return architecture == Architecture.X86_64 ? x86 : generic;
  }

  /** The name as in the manual pages, for example {@code openat2}. */
  public String manualName() {
    // Not toLowerCase, which unpacks tables of Unicode in the executable (docs/teavm.md).
    char[] name = name().toCharArray();
    for (int i = 0; i < name.length; i++) {
      name[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char) (name[i] + ('a' - 'A')) : name[i];
    }
    return new String(name);
  }
}
