package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.spec.Separated;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The environment a program gets: the config's, where of two settings of one name the last counts,
 * and HOME from the container's own /etc/passwd if the config has none, as runc does.
 */
public final class HomeDirectory {
  private static final int LARGEST_PASSWD = 1 << 20;

  private final Linux linux;

  public HomeDirectory(Linux linux) {
    this.linux = linux;
  }

  /** To be called inside the container's root. */
  public List<String> complete(List<String> environment, long uid) {
    List<String> result = new ArrayList<>();
    boolean home = false;
    for (int i = 0; i < environment.size(); i++) {
      String variable = environment.get(i);
      if (!setAgain(environment, i)) {
        result.add(variable);
        home = home || (variable.startsWith("HOME=") && variable.length() > 5);
      }
    }
    if (!home) {
      result.removeIf(variable -> variable.equals("HOME="));
      result.add("HOME=" + of(uid));
    }
    return result;
  }

  private static boolean setAgain(List<String> environment, int index) {
    String variable = environment.get(index);
    String name = variable.substring(0, variable.indexOf('=') + 1);
    for (int later = index + 1; later < environment.size(); later++) {
      if (!name.isEmpty() && environment.get(later).startsWith(name)) {
        return true;
      }
    }
    return false;
  }

  private String of(long uid) {
    // O_NONBLOCK and the check of the type: an image may hold a FIFO or a device by this name.
    int flags = OpenFlags.RDONLY | OpenFlags.NONBLOCK;
    try (Descriptor file = linux.files().open(linux.currentDirectory(), "/etc/passwd", flags, 0)) {
      if (!linux.files().status(file).is(FileMode.REGULAR)) {
        return "/";
      }
      String text =
          new String(linux.streams().readAll(file, LARGEST_PASSWD), StandardCharsets.ISO_8859_1);
      return find(text, Long.toString(uid));
    } catch (SyscallFailed e) {
      return "/";
    }
  }

  // passwd(5): name:password:uid:gid:comment:home:shell
  static String find(String passwd, String uid) {
    for (String line : Separated.by('\n', passwd)) {
      List<String> fields = Separated.by(':', line);
      if (fields.size() >= 6 && fields.get(2).equals(uid) && !fields.get(5).isEmpty()) {
        return fields.get(5);
      }
    }
    return "/";
  }
}
