package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.plan.MountOptions;
import dev.jrunc.runtime.plan.RootfsStep;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes a new file system, as a detached mount. */
final class FileSystems {
  private static final String LABEL = "context=";

  private final Linux linux;

  FileSystems(Linux linux) {
    this.linux = linux;
  }

  /**
   * @param target where it will be attached
   */
  Descriptor make(RootfsStep.MountFileSystem step, MountOptions options, Descriptor target) {
    List<String> data = data(options);
    for (String option : data) {
      int equals = option.indexOf('=');
      if (equals >= 0 && option.length() - equals - 1 > MonolithicMount.LONGEST_VALUE) {
        Descriptor mount = new MonolithicMount(linux).make(step, options, data, target);
        linux.mounts().setAttributes(mount, 0, options.set(), 0, options.propagation());
        return mount;
      }
    }
    return make(step, options, data);
  }

  private Descriptor make(
      RootfsStep.MountFileSystem step, MountOptions options, List<String> data) {
    String label = null;
    try (Descriptor context = open(step)) {
      if (!step.source().isEmpty()) {
        configure(step, context, "source", step.source());
      }
      if (options.readOnly() && step.source().startsWith("/")) {
        // On a device: not even the kernel is to write there, as it does to replay a journal.
        configure(step, context, "ro", null);
      }
      for (String option : options.superBlock()) {
        configure(step, context, option, null);
      }
      for (String given : data) {
        String option = unquoted(given);
        int equals = option.indexOf('=');
        if (option.startsWith(LABEL) && step.type().equals("mqueue")) {
          label = option.substring(LABEL.length());
          continue;
        }
        if (equals < 0) {
          configure(step, context, option, null);
        } else {
          configure(step, context, option.substring(0, equals), option.substring(equals + 1));
        }
      }
      long created = linux.mounts().createRaw(context);
      if (created < 0) {
        throw MountFailure.of(step, (int) -created, linux.mounts().contextLog(context));
      }
      return label == null ? mount(context, options) : labelled(step, context, options, label);
    }
  }

  // mount(2) takes a label with commas in quotes, fsconfig(2) takes it as it is.
  private static String unquoted(String option) {
    int value = option.indexOf('=') + 1;
    boolean label = value > 0 && option.substring(0, value).endsWith(LABEL);
    int last = option.length() - 1;
    return label && last > value && option.charAt(value) == '"' && option.charAt(last) == '"'
        ? option.substring(0, value) + option.substring(value + 1, last)
        : option;
  }

  // One string may hold several options with commas between them, as mount(8) and mount(2) take
  // them.
  private List<String> data(MountOptions options) {
    List<String> data = new ArrayList<>();
    for (String option : options.data()) {
      for (int start = 0; start <= option.length(); ) {
        int end = end(option, start);
        String one = option.substring(start, end);
        // As everywhere: where there is no SELinux, its labels are no-ops. "validate" says so.
        if (!one.isEmpty() && !(one.startsWith(LABEL) && !Selinux.isOn(linux))) {
          data.add(one);
        }
        start = end + 1;
      }
    }
    return data;
  }

  // A comma in quotes is part of a label, one after a backslash part of a name.
  private static int end(String option, int start) {
    boolean quoted = false;
    for (int i = start; i < option.length(); i++) {
      char c = option.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == '\\') {
        i++;
      } else if (c == ',' && !quoted) {
        return i;
      }
    }
    return option.length();
  }

  // runc does so: the queues have labels of their own, and their folder this one.
  private Descriptor labelled(
      RootfsStep.MountFileSystem step, Descriptor context, MountOptions options, String label) {
    Descriptor mount = mount(context, options.writable());
    try (Descriptor folder = linux.files().open(mount, ".", OpenFlags.DIRECTORY, 0)) {
      byte[] value = label.getBytes(StandardCharsets.UTF_8);
      long result = linux.files().setAttributeRaw(folder, "security.selinux", value);
      if (result < 0) {
        throw MountFailure.of(step, (int) -result, "label \"" + label + "\"");
      }
    }
    linux.mounts().setAttributes(mount, 0, options.set(), 0, 0);
    return mount;
  }

  private Descriptor mount(Descriptor context, MountOptions options) {
    Descriptor mount = linux.mounts().mountFileSystem(context, options.set());
    if (options.propagation() != 0) {
      linux.mounts().setAttributes(mount, 0, 0, 0, options.propagation());
    }
    return mount;
  }

  private Descriptor open(RootfsStep.MountFileSystem step) {
    try {
      return linux.mounts().openFileSystem(step.type());
    } catch (SyscallFailed e) {
      throw MountFailure.of(step, e.errno(), "file system type \"" + step.type() + "\"");
    }
  }

  private void configure(
      RootfsStep.MountFileSystem step, Descriptor context, String key, @Nullable String value) {
    long result =
        value == null
            ? linux.mounts().setFlagRaw(context, key)
            : linux.mounts().setStringRaw(context, key, value);
    if (result < 0) {
      String log = linux.mounts().contextLog(context);
      String option = value == null ? key : key + "=" + value;
      throw MountFailure.of(
          step, (int) -result, "option \"" + option + "\"" + (log.isEmpty() ? "" : ": " + log));
    }
  }
}
