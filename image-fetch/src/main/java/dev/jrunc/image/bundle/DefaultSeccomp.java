package dev.jrunc.image.bundle;

import dev.jrunc.spec.Seccomp;
import dev.jrunc.spec.SeccompAction;
import dev.jrunc.spec.SeccompArgument;
import dev.jrunc.spec.SeccompOperator;
import dev.jrunc.spec.SyscallRule;
import java.util.ArrayList;
import java.util.List;

/**
 * The system calls a container may make. Allowed is what programs are written with; refused with
 * EPERM is what changes the host or loads code into the kernel; anything else, which is what
 * kernels to come will add, answers ENOSYS, so that a C library takes its older way.
 */
final class DefaultSeccomp {
  private static final int EPERM = 1;
  private static final int ENOSYS = 38;

  private static final String FILES =
      "access cachestat chdir chmod chown chown32 close close_range copy_file_range creat dup dup2"
          + " dup3 faccessat faccessat2 fadvise64 fadvise64_64 fallocate fchdir fchmod fchmodat"
          + " fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr flistxattr flock"
          + " fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate"
          + " ftruncate64 futimesat getcwd getdents getdents64 getxattr getxattrat inotify_add_watch"
          + " inotify_init inotify_init1 inotify_rm_watch ioctl lchown lchown32 lgetxattr link linkat"
          + " listxattr listxattrat llistxattr _llseek lremovexattr lseek lsetxattr lstat lstat64"
          + " mkdir mkdirat mknod mknodat name_to_handle_at newfstatat open openat openat2 pread64"
          + " preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv"
          + " removexattr removexattrat rename renameat renameat2 rmdir sendfile sendfile64 setxattr"
          + " setxattrat splice stat stat64 statfs statfs64 statx symlink symlinkat sync"
          + " sync_file_range sync_file_range2 syncfs tee truncate truncate64 umask unlink unlinkat"
          + " utime utimensat utimensat_time64 utimes vmsplice write writev";

  private static final String MEMORY =
      "brk get_mempolicy madvise map_shadow_stack mbind membarrier memfd_create memfd_secret mincore"
          + " mlock mlock2 mlockall mmap mmap2 mprotect mremap mseal msync munlock munlockall munmap"
          + " pkey_alloc pkey_free pkey_mprotect process_mrelease remap_file_pages set_mempolicy"
          + " set_mempolicy_home_node shmat shmctl shmdt shmget";

  private static final String PROCESSES =
      "alarm arch_prctl capget capset chroot execve execveat exit exit_group fork get_robust_list"
          + " get_thread_area getcpu getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups"
          + " getgroups32 getitimer getpgid getpgrp getpid getppid getpriority getresgid getresgid32"
          + " getresuid getresuid32 getrlimit getrusage getsid gettid getuid getuid32 ioprio_get"
          + " ioprio_set kill landlock_add_rule landlock_create_ruleset landlock_restrict_self"
          + " modify_ldt nanosleep pause pidfd_open pidfd_send_signal prctl prlimit64"
          + " restart_syscall rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo"
          + " rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo"
          + " sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr"
          + " sched_getparam sched_getscheduler sched_rr_get_interval"
          + " sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam"
          + " sched_setscheduler sched_yield seccomp set_robust_list set_thread_area set_tid_address"
          + " setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32"
          + " setitimer setpgid setpriority setregid setregid32 setresgid setresgid32 setresuid"
          + " setresuid32 setreuid setreuid32 setrlimit setsid setuid setuid32 sigaltstack"
          + " signalfd signalfd4 sigprocmask sigreturn tgkill times tkill ugetrlimit uname vfork"
          + " wait4 waitid waitpid";

  private static final String SOCKETS =
      "accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg"
          + " recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown socketcall"
          + " socketpair";

  private static final String WAITING =
      "epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait"
          + " epoll_wait_old eventfd eventfd2 futex futex_requeue futex_time64 futex_wait"
          + " futex_waitv futex_wake io_cancel io_destroy io_getevents io_pgetevents"
          + " io_pgetevents_time64 io_setup io_submit ipc mq_getsetattr mq_notify mq_open"
          + " mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink msgctl"
          + " msgget msgrcv msgsnd _newselect pipe pipe2 poll ppoll ppoll_time64 pselect6"
          + " pselect6_time64 select semctl semget semop semtimedop semtimedop_time64";

  private static final String TIME =
      "adjtimex clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime"
          + " clock_gettime64 clock_nanosleep clock_nanosleep_time64 getrandom gettimeofday sysinfo"
          + " time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64"
          + " timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64"
          + " timerfd_settime timerfd_settime64";

  // All need a capability that a container does not have, or reach beyond it; named here, so that
  // the
  // answer is a plain "not permitted".
  private static final String REFUSED =
      "acct add_key bpf clock_settime clock_settime64 create_module delete_module fanotify_init"
          + " finit_module fsconfig fsmount fsopen fspick get_kernel_syms get_mempolicy init_module"
          + " io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load"
          + " kexec_load keyctl lookup_dcookie mount mount_setattr move_mount move_pages"
          + " migrate_pages nfsservctl open_by_handle_at open_tree perf_event_open pidfd_getfd"
          + " pivot_root process_madvise process_vm_readv process_vm_writev ptrace query_module"
          + " quotactl quotactl_fd reboot request_key setdomainname sethostname setns settimeofday"
          + " stime swapoff swapon syslog sysfs umount umount2 unshare uselib userfaultfd ustat vhangup"
          + " vm86 vm86old";

  // clone(2): a new namespace of any kind; of clone3(2) the flags lie in memory, where no filter
  // sees
  // them, so it answers ENOSYS and the C library takes clone.
  private static final long NEW_NAMESPACES = 0x7e020000L;

  // socket(2): AF_VSOCK reaches the machine below the host.
  private static final long VSOCK = 40;

  private DefaultSeccomp() {}

  static Seccomp profile() {
    List<SyscallRule> rules = new ArrayList<>();
    List<String> allowed = new ArrayList<>();
    for (String group : List.of(FILES, MEMORY, PROCESSES, SOCKETS, WAITING, TIME)) {
      allowed.addAll(List.of(group.split(" ")));
    }
    List<String> refused = new ArrayList<>(List.of(REFUSED.split(" ")));
    refused.removeAll(allowed);
    allowed.sort(null);
    rules.add(new SyscallRule(allowed, SeccompAction.ALLOW, null, List.of()));
    rules.add(
        new SyscallRule(
            List.of("clone"),
            SeccompAction.ALLOW,
            null,
            List.of(new SeccompArgument(0, NEW_NAMESPACES, 0, SeccompOperator.MASKED_EQUAL))));
    rules.add(
        new SyscallRule(
            List.of("socket"),
            SeccompAction.ALLOW,
            null,
            List.of(new SeccompArgument(0, VSOCK, 0, SeccompOperator.NOT_EQUAL))));
    // personality(2): Linux, 32-bit Linux, their variants without address randomisation, and
    // asking.
    for (long persona : new long[] {0x0, 0x8, 0x20000, 0x20008, 0xffffffffL}) {
      rules.add(
          new SyscallRule(
              List.of("personality"),
              SeccompAction.ALLOW,
              null,
              List.of(new SeccompArgument(0, persona, 0, SeccompOperator.EQUAL))));
    }
    rules.add(new SyscallRule(refused, SeccompAction.ERRNO, EPERM, List.of()));
    return new Seccomp(SeccompAction.ERRNO, ENOSYS, architectures(), null, null, null, rules);
  }

  private static List<String> architectures() {
    return switch (System.getProperty("os.arch", "")) {
      case "aarch64" -> List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM");
      default -> List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32");
    };
  }
}
