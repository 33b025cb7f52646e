package dev.jrunc.kernel;

/** Processor architectures whose system call numbers the kernel package knows. */
public enum Architecture {
  X86_64,
  /** Also stands for the generic table of asm-generic/unistd.h, which aarch64 uses unchanged. */
  AARCH64
}
