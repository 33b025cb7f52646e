package dev.jrunc.image.overlay;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.layer.TreeForm;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.MountAttribute;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.spec.Mount;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An overlay mount that is nowhere yet: it lasts as long as its descriptor unless it is attached,
 * so a process that is killed before leaves no mount behind.
 */
public final class OverlayMount {
  /** OVERLAYFS_SUPER_MAGIC. */
  public static final long MAGIC = 0x794c7630L;

  // overlayfs counts 500 layers, the upper one among them.
  private static final int MOST_LAYERS = 499;
  private static final int LONGEST = 255;

  private OverlayMount() {}

  /**
   * Mounts {@code lower}, the lowest first, below {@code upper}.
   *
   * @param work an empty folder on the file system of {@code upper}
   */
  public static Descriptor make(
      Linux linux, TreeForm form, List<Path> lower, Path upper, Path work) {
    checkCount(lower);
    try (Descriptor context = linux.mounts().openFileSystem("overlay")) {
      set(linux, context, "source", "jimage");
      setLower(linux, context, lower);
      set(linux, context, "upperdir", upper.toString());
      set(linux, context, "workdir", work.toString());
      return mount(linux, form, context, 0);
    }
  }

  /** Mounts {@code lower}, the lowest first, to look at: nothing can be written. */
  public static Descriptor read(Linux linux, TreeForm form, List<Path> lower) {
    checkCount(lower);
    try (Descriptor context = linux.mounts().openFileSystem("overlay")) {
      set(linux, context, "source", "jimage");
      setLower(linux, context, lower);
      return mount(linux, form, context, MountAttribute.READ_ONLY);
    }
  }

  /**
   * The same mount as a runtime makes it in a user namespace, from its options in config.json.
   *
   * @throws ImageFailure where a path is too long for that
   */
  public static Mount inConfig(List<Path> lower, Path upper, Path work) {
    checkCount(lower);
    List<String> options = new ArrayList<>();
    lower.reversed().forEach(layer -> options.add(option("lowerdir+", layer)));
    options.add(option("upperdir", upper));
    options.add(option("workdir", work));
    options.addAll(List.of("index=off", "userxattr"));
    return new Mount("/", "overlay", "overlay", options, List.of(), List.of());
  }

  // fsconfig(2): a value has at most 255 bytes; mount(2): a comma ends it.
  private static String option(String key, Path path) {
    String text = path.toString();
    if (text.indexOf(',') >= 0 || text.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
      throw new ImageFailure(
          "\"" + path + "\" is too long, or has a comma, to be part of a mount; use --mode copy");
    }
    return key + "=" + text;
  }

  private static void checkCount(List<Path> lower) {
    if (lower.size() > MOST_LAYERS) {
      throw new ImageFailure(
          "the image has "
              + lower.size()
              + " layers, an overlay mount takes "
              + MOST_LAYERS
              + "; use --mode copy");
    }
  }

  private static Descriptor mount(Linux linux, TreeForm form, Descriptor context, long attributes) {
    set(linux, context, "index", "off");
    if (form == TreeForm.USER_OVERLAY) {
      // Implies redirect_dir=nofollow, and refuses to be told.
      check(linux, context, "userxattr", linux.mounts().setFlagRaw(context, "userxattr"));
    } else {
      // The upper folder must be readable as a layer by others: no shortcuts in it.
      set(linux, context, "redirect_dir", "off");
      set(linux, context, "metacopy", "off");
    }
    check(linux, context, "create", linux.mounts().createRaw(context));
    return linux.mounts().mountFileSystem(context, attributes);
  }

  private static void setLower(Linux linux, Descriptor context, List<Path> lower) {
    for (int i = lower.size() - 1; i >= 0; i--) {
      long result = linux.mounts().setStringRaw(context, "lowerdir+", lower.get(i).toString());
      if (result == -Errno.EINVAL && i == lower.size() - 1) {
        setLowerAtOnce(linux, context, lower);
        return;
      }
      check(linux, context, "lowerdir+", result);
    }
  }

  // Before Linux 6.8 all lower folders are one value, of at most 255 bytes, so they go by number.
  private static void setLowerAtOnce(Linux linux, Descriptor context, List<Path> lower) {
    List<Descriptor> open = new ArrayList<>();
    try {
      for (Path folder : lower.reversed()) {
        int flags = OpenFlags.PATH | OpenFlags.DIRECTORY;
        open.add(linux.files().open(linux.currentDirectory(), folder.toString(), flags, 0));
      }
      String value = open.stream().map(Descriptor::procPath).collect(Collectors.joining(":"));
      if (value.length() > LONGEST) {
        throw new ImageFailure(
            "overlay mounts of " + lower.size() + " layers need Linux 6.8; use --mode copy");
      }
      set(linux, context, "lowerdir", value);
    } finally {
      open.forEach(Descriptor::close);
    }
  }

  private static void set(Linux linux, Descriptor context, String key, String value) {
    check(linux, context, key, linux.mounts().setStringRaw(context, key, value));
  }

  private static void check(Linux linux, Descriptor context, String what, long result) {
    if (result < 0) {
      String log = linux.mounts().contextLog(context);
      throw new ImageFailure(
          "cannot mount the layers ("
              + what
              + "): "
              + Errno.message((int) -result)
              + (log.isEmpty() ? "" : " (" + log + ")")
              + "; --mode copy needs no mount");
    }
  }
}
