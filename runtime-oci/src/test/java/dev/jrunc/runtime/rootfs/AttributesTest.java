package dev.jrunc.runtime.rootfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.MountAttribute;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.runtime.OtherKernel;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.MountOptions;
import dev.jrunc.runtime.plan.RootfsStep;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The attributes of a bind mount on kernels that know less. */
class AttributesTest {
  private final List<Long> set = new ArrayList<>();
  private final List<Long> cleared = new ArrayList<>();

  /** MOUNT_ATTR_NOSYMFOLLOW came with Linux 5.14, mount_setattr(2) with 5.12. */
  private Linux before514() {
    return OtherKernel.answering(
        SystemCall.MOUNT_SETATTR,
        made -> {
          long toSet = made.memory().getLong(made.arguments()[3]);
          long toClear = made.memory().getLong(made.arguments()[3] + 8);
          if (((toSet | toClear) & MountAttribute.NO_SYM_FOLLOW) != 0) {
            return (long) -Errno.EINVAL;
          }
          set.add(toSet);
          cleared.add(toClear);
          return 0L;
        });
  }

  private void bind(Linux linux, String... options) {
    MountOptions parsed = MountOptions.parse(List.of(options));
    RootfsStep step = new RootfsStep.BindMount("/mounts/0", "/data", "/etc", parsed, null);
    Attributes.applyToBind(linux, step, new Descriptor(linux.gate(), 99), parsed);
  }

  @Test
  void doesWithoutWhatKernelDoesNotKnow() {
    bind(before514(), "bind", "ro");
    assertEquals(List.of(MountAttribute.READ_ONLY), set);
    assertEquals(0, cleared.get(0) & MountAttribute.NO_SYM_FOLLOW);
    assertEquals(MountAttribute.NO_SUID, cleared.get(0) & MountAttribute.NO_SUID);
  }

  @Test
  void takesNothingAwayThatKernelDoesNotKnow() {
    bind(before514(), "bind", "ro", "symfollow");
    assertEquals(List.of(MountAttribute.READ_ONLY), set);
  }

  @Test
  void failsWhereKernelCannotSetWhatIsAskedFor() {
    Linux linux = before514();
    Failure failure = assertThrows(Failure.class, () -> bind(linux, "bind", "nosymfollow"));
    assertEquals(Errno.EINVAL, failure.errno());
    assertEquals(List.of(), set);
  }
}
