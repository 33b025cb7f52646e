package dev.jrunc.runtime.error;

import dev.jrunc.kernel.Errno;

/** How to mend what whoever failed had no better advice for. */
final class Hints {
  private Hints() {}

  static String of(Failure.Code code, int errno) {
    return switch (code) {
      case USAGE -> "--help shows what there is";
      case INVALID_CONFIG -> "\"jrunc validate\" shows all that is wrong with a bundle";
      case INVALID_ID -> "letters, digits and _ + - . make an id";
      case NOT_FOUND -> "\"jrunc list\" shows the containers there are below this --root";
      case ALREADY_EXISTS -> "choose another name, or delete what has it";
      case WRONG_STATUS -> "\"jrunc state\" shows the status of a container";
      case PROGRAM_NOT_FOUND -> "names are looked up inside the rootfs";
      case PROGRAM_NOT_EXECUTABLE -> "see its mode, and whether its mount is noexec";
      case UNSUPPORTED -> "\"jrunc features\" shows what is built in";
      case HOOK -> "a hook gets the state on standard input and only the environment of its config";
      case INTERRUPTED -> "what had been made until then was unmade";
      case SYSTEM -> system(errno);
      case INTERNAL -> "please report this, with the config";
    };
  }

  private static String system(int errno) {
    return switch (errno) {
      case Errno.EPERM, Errno.EACCES -> "run as root, or with rights over what it is done on";
      case Errno.ENOENT -> "see whether it exists, and whether a link on the way leads nowhere";
      case Errno.ENOSPC, Errno.EDQUOT -> "the file system, or a limit on namespaces, is full";
      case Errno.ENOMEM -> "the memory limit may be below what setting up needs";
      case Errno.EMFILE, Errno.ENFILE -> "too many files are open; see RLIMIT_NOFILE";
      case Errno.EAGAIN -> "a limit on processes is reached; see RLIMIT_NPROC and pids.max";
      case Errno.ENOSYS -> "this kernel is older than Linux 5.12, or a filter hides the call";
      case Errno.EROFS -> "the file system is read-only";
      case Errno.EBUSY -> "something else holds it";
      default -> "\"jrunc plan\" shows what is done before this and why";
    };
  }
}
