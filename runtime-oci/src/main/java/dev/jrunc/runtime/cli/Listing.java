package dev.jrunc.runtime.cli;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.container.StateView;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.spec.Separated;
import dev.jrunc.spec.SpecWriter;
import dev.jrunc.spec.State;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What {@code list} prints, in runc's columns and JSON. */
final class Listing {
  private static final int NARROWEST = 12;
  private static final int GAP = 3;

  private final Linux linux;
  private final StateView view;

  Listing(Linux linux, StateView view) {
    this.linux = linux;
    this.view = view;
  }

  static String ids(List<ContainerState> containers) {
    StringBuilder text = new StringBuilder();
    for (ContainerState container : containers) {
      text.append(container.id()).append('\n');
    }
    return text.toString();
  }

  String json(List<ContainerState> containers) {
    if (containers.isEmpty()) {
      return "null"; // As Go prints an empty list, and engines expect it.
    }
    StringBuilder text = new StringBuilder("[");
    for (ContainerState container : containers) {
      text.append(text.length() == 1 ? "" : ",");
      byte[] state = SpecWriter.state(described(container), "");
      text.append(Utf8.decode(state));
    }
    return text.append(']').toString();
  }

  State described(ContainerState container) {
    State s = view.describe(container);
    return new State(
        s.ociVersion(),
        s.id(),
        s.status(),
        s.pid(),
        s.bundle(),
        s.rootfs(),
        s.created(),
        s.annotations(),
        owner(container.owner()));
  }

  String table(List<ContainerState> containers) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"));
    for (ContainerState container : containers) {
      State s = described(container);
      rows.add(
          List.of(
              s.id(),
              Integer.toString(s.pid()),
              s.status().wireName(),
              s.bundle(),
              s.created(),
              s.owner()));
    }
    int[] widths = new int[6];
    for (List<String> row : rows) {
      for (int i = 0; i < 6; i++) {
        widths[i] = Math.max(widths[i], Math.max(NARROWEST, row.get(i).length() + GAP));
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      for (int i = 0; i < 6; i++) {
        text.append(row.get(i));
        for (int pad = row.get(i).length(); i < 5 && pad < widths[i]; pad++) {
          text.append(' ');
        }
      }
      text.append('\n');
    }
    return text.toString();
  }

  private String owner(long uid) {
    try (Descriptor file =
        linux.files().open(linux.currentDirectory(), "/etc/passwd", OpenFlags.RDONLY, 0)) {
      String text = new String(linux.streams().readAll(file, 1 << 20), StandardCharsets.ISO_8859_1);
      for (String line : Separated.by('\n', text)) {
        List<String> fields = Separated.by(':', line);
        if (fields.size() > 2 && fields.get(2).equals(Long.toString(uid))) {
          return fields.get(0);
        }
      }
    } catch (SyscallFailed e) {
      return "#" + uid;
    }
    return "#" + uid;
  }
}
