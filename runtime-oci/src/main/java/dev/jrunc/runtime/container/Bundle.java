package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.Spec;
import dev.jrunc.spec.SpecReader;
import dev.jrunc.spec.SpecReading;
import dev.jrunc.spec.Violation;

/**
 * A bundle that was read and found valid.
 *
 * @param path absolute path of its folder
 * @param config config.json as it was read, byte for byte
 * @param spec what it says
 */
public record Bundle(String path, byte[] config, Spec spec) {
  /** A config larger than this is refused: a real one has some 20 KB. */
  private static final int LARGEST_CONFIG = 4 << 20;

  /** Reads {@code config.json} of the folder; every violation is named in one failure. */
  public static Bundle read(Linux linux, String path) {
    byte[] config = content(linux, path);
    return new Bundle(path, config, parse(path + "/config.json", config));
  }

  /** Reads {@code config.json} of the folder and does not look into it. */
  public static byte[] content(Linux linux, String path) {
    String file = path + "/config.json";
    // O_NONBLOCK and the check of the type: a FIFO without a writer would be waited for, and a
    // device such as /dev/zero has no end.
    int flags = OpenFlags.RDONLY | OpenFlags.NONBLOCK;
    try (Descriptor opened = linux.files().open(linux.currentDirectory(), file, flags, 0)) {
      if (!linux.files().status(opened).is(FileMode.REGULAR)) {
        throw Failure.of(Failure.Code.INVALID_CONFIG, file + " is not a regular file")
            .phase("read config")
            .path(file)
            .build();
      }
      return linux.streams().readAll(opened, LARGEST_CONFIG);
    } catch (SyscallFailed e) {
      throw unreadable(file, e);
    }
  }

  /** Reads a config that was valid when its container was created. */
  static Spec parse(String file, byte[] config) {
    SpecReading<Spec> reading = SpecReader.readConfig(config);
    if (reading.violations().isEmpty() && reading.spec() != null) {
      return reading.spec();
    }
    int count = reading.violations().size();
    StringBuilder all = new StringBuilder(file).append(" is not valid: ");
    if (count == 1) {
      all.append(reading.violations().get(0));
    } else {
      all.append(count).append(" violations");
      for (Violation violation : reading.violations()) {
        all.append("\n  ").append(violation);
      }
    }
    throw Failure.of(Failure.Code.INVALID_CONFIG, all.toString())
        .phase("read config")
        .pointer(count == 0 ? "" : reading.violations().get(0).pointer())
        .path(file)
        .build();
  }

  private static Failure unreadable(String file, SyscallFailed cause) {
    if (cause.errno() == Errno.ENOENT) {
      return Failure.of(
              Failure.Code.NOT_FOUND, "JSON specification file config.json not found: " + file)
          .phase("read config")
          .path(file)
          .errno(cause.errno())
          .hint("a bundle holds config.json and rootfs; \"jrunc spec\" writes a config")
          .because(cause);
    }
    if (cause.errno() == Errno.EFBIG) {
      return Failure.of(
              Failure.Code.INVALID_CONFIG, file + " is larger than 4 MiB, which no config is")
          .phase("read config")
          .path(file)
          .because(cause);
    }
    return Failure.system("cannot read " + file, cause);
  }
}
