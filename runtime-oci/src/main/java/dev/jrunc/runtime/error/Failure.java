package dev.jrunc.runtime.error;

import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.SyscallFailed;
import org.jspecify.annotations.Nullable;

/**
 * A command could not do its work. The message is the sentence people and engines read, in the
 * wording of runc where engines match it; the rest says where and how to mend.
 */
public final class Failure extends RuntimeException {

  /** What kind of failure, for programs: stable words, printed in lower case with dashes. */
  public enum Code {
    USAGE,
    INVALID_CONFIG,
    INVALID_ID,
    NOT_FOUND,
    ALREADY_EXISTS,
    WRONG_STATUS,
    PROGRAM_NOT_FOUND,
    PROGRAM_NOT_EXECUTABLE,
    UNSUPPORTED,
    SYSTEM,
    HOOK,
    INTERRUPTED,
    INTERNAL
  }

  private final Code code;
  private final String phase;
  private final String pointer;
  private final String path;
  private final int errno;
  private final String hint;

  private Failure(Builder builder, @Nullable Throwable cause) {
    super(builder.message, cause);
    this.code = builder.code;
    this.phase = builder.phase;
    this.pointer = builder.pointer;
    this.path = builder.path;
    this.errno = builder.errno;
    this.hint = builder.hint;
  }

  public Code code() {
    return code;
  }

  /** The step or phase that failed, for example {@code mount}; empty if there is none. */
  public String phase() {
    return phase;
  }

  /** Where in config.json the step comes from, for example {@code /mounts/3}; may be empty. */
  public String pointer() {
    return pointer;
  }

  /** The file the failure is about; may be empty. */
  public String path() {
    return path;
  }

  /** The error number of {@link Errno}, 0 if no system call failed. */
  public int errno() {
    return errno;
  }

  /** What whoever failed advises; may be empty. */
  public String ownHint() {
    return hint;
  }

  /** How to mend it: the advice of whoever failed, or what is true of such failures. */
  public String hint() {
    return hint.isEmpty() ? Hints.of(code, errno) : hint;
  }

  /** Starts a failure with its sentence: lower case, values quoted, no final stop. */
  public static Builder of(Code code, String message) {
    return new Builder(code, message);
  }

  /** A failed system call, as {@code what: reason}. */
  public static Failure system(String what, SyscallFailed cause) {
    return of(Code.SYSTEM, what + ": " + Errno.message(cause.errno()))
        .errno(cause.errno())
        .path(cause.subject())
        .because(cause);
  }

  /** The same failure with {@code prefix} before its sentence. */
  public Failure within(String prefix) {
    Builder builder = of(code, prefix + ": " + getMessage()).phase(phase).pointer(pointer);
    return builder.path(path).errno(errno).hint(hint).because(this);
  }

  /** The same failure, with these where it names no phase or no place itself. */
  public Failure orAt(String elsePhase, String elsePointer) {
    boolean located = !phase.isEmpty() && (!pointer.isEmpty() || elsePointer.isEmpty());
    if (located) {
      return this;
    }
    return of(code, String.valueOf(getMessage()))
        .phase(phase.isEmpty() ? elsePhase : phase)
        .pointer(pointer.isEmpty() ? elsePointer : pointer)
        .path(path)
        .errno(errno)
        .hint(hint)
        .because(this);
  }

  /** Collects the parts of a {@link Failure}. */
  public static final class Builder {
    private final Code code;
    private final String message;
    private String phase = "";
    private String pointer = "";
    private String path = "";
    private int errno;
    private String hint = "";

    private Builder(Code code, String message) {
      this.code = code;
      this.message = message;
    }

    public Builder phase(String value) {
      phase = value;
      return this;
    }

    public Builder pointer(String value) {
      pointer = value;
      return this;
    }

    public Builder path(String value) {
      path = value;
      return this;
    }

    public Builder errno(int value) {
      errno = value;
      return this;
    }

    public Builder hint(String value) {
      hint = value;
      return this;
    }

    public Failure because(@Nullable Throwable cause) {
      return new Failure(this, cause);
    }

    public Failure build() {
      return new Failure(this, null);
    }
  }
}
