package dev.jrunc.runtime.plan;

import dev.jrunc.kernel.MountAttribute;
import java.util.ArrayList;
import java.util.List;

/** Steps as lines, so that a whole plan can be compared with a file. */
final class PlanLines {
  private PlanLines() {}

  static List<String> of(List<? extends Step> steps) {
    List<String> lines = new ArrayList<>();
    for (Step step : steps) {
      String pointer = step.pointer().isEmpty() ? "-" : step.pointer();
      String detail = step instanceof RootfsStep s ? detail(s) : "";
      lines.add((step.getClass().getSimpleName() + " " + pointer + " " + detail).strip());
    }
    return lines;
  }

  private static String detail(RootfsStep step) {
    return switch (step) {
      case RootfsStep.IsolateMounts s -> propagation(s.propagation(), s.recursive());
      case RootfsStep.BindRootfs s -> s.path();
      case RootfsStep.TakeRootfs s -> s.path();
      case RootfsStep.MountFileSystem s ->
          s.type() + " " + s.source() + " -> " + s.destination() + options(s.options());
      case RootfsStep.BindMount s -> s.source() + " -> " + s.destination() + options(s.options());
      case RootfsStep.MountCgroup s ->
          s.destination() + options(s.options()) + (s.cgroupNamespace() ? " namespace" : "");
      case RootfsStep.MakeDevice s ->
          s.device().path()
              + " "
              + s.device().type()
              + " "
              + s.device().major()
              + ":"
              + s.device().minor();
      case RootfsStep.MakeLink s -> s.path() + " -> " + s.target() + " " + s.existing();
      case RootfsStep.PivotRoot s -> "";
      case RootfsStep.MoveRoot s -> "";
      case RootfsStep.ChangeRoot s -> "";
      case RootfsStep.PropagateRoot s -> propagation(s.propagation(), s.recursive());
      case RootfsStep.ReopenNullStreams s -> "";
      case RootfsStep.MakeDirectory s -> s.path();
      case RootfsStep.MakeReadonly s -> s.destination();
      case RootfsStep.WriteSysctl s -> s.name() + "=" + s.value();
      case RootfsStep.ReadonlyPath s -> s.path();
      case RootfsStep.MaskPath s -> s.path() + (s.label() == null ? "" : " " + s.label());
    };
  }

  private static String propagation(long type, boolean recursive) {
    String name =
        switch ((int) (type >> 17)) {
          case 1 -> "unbindable";
          case 2 -> "private";
          case 4 -> "slave";
          case 8 -> "shared";
          default -> throw new IllegalArgumentException("propagation " + type);
        };
    return (recursive ? "r" : "") + name;
  }

  private static String options(MountOptions options) {
    StringBuilder text = new StringBuilder();
    bits(text, " +", options.set());
    bits(text, " -", options.clear());
    bits(text, " r+", options.recursiveSet());
    bits(text, " r-", options.recursiveClear());
    if (options.propagation() != 0) {
      text.append(" propagation ");
      text.append(propagation(options.propagation(), options.recursivePropagation()));
    }
    if (options.bind() != MountOptions.Depth.NONE) {
      text.append(" bind ").append(options.bind());
    }
    text.append(options.copyUp() ? " copy-up" : "");
    if (!options.superBlock().isEmpty()) {
      text.append(' ').append(options.superBlock());
    }
    if (!options.data().isEmpty()) {
      text.append(' ').append(String.join(",", options.data()));
    }
    return text.toString();
  }

  private static void bits(StringBuilder text, String prefix, long bits) {
    String[] names = {
      "ro", "nosuid", "nodev", "noexec", "noatime", "strictatime", "", "nodiratime"
    };
    long left = bits;
    if ((bits & MountAttribute.ATIME_MASK) == MountAttribute.ATIME_MASK) {
      text.append(prefix).append("atime*");
      left &= ~MountAttribute.ATIME_MASK;
    }
    for (int i = 0; i < names.length; i++) {
      if ((left & (1L << i)) != 0) {
        text.append(prefix).append(names[i]);
        left &= ~(1L << i);
      }
    }
    if (left != 0) {
      text.append(prefix).append("0x").append(Long.toHexString(left));
    }
  }
}
