package dev.jrunc.image.cli;

import dev.jrunc.image.pull.PullEvent;
import dev.jrunc.image.pull.PullListener;
import java.io.PrintWriter;

/** Shows a pull to a person: a bar on a terminal, a line per step elsewhere, nothing on request. */
final class Progress implements PullListener, AutoCloseable {
  private static final int BAR = 24;
  private static final long REDRAW_NANOS = 100_000_000;

  private enum Form {
    SILENT,
    LINES,
    BAR
  }

  private final PrintWriter err;
  private final Form form;
  private int layers;
  private int finished;
  private long bytes;
  private long seen;
  private long drawn;
  private boolean dirty;

  private Progress(PrintWriter err, Form form) {
    this.err = err;
    this.form = form;
  }

  static Progress choose(PrintWriter err, boolean quiet) {
    Form form = Form.LINES;
    if (quiet) {
      form = Form.SILENT;
    } else if (Terminal.isStandardError() && !"dumb".equals(System.getenv("TERM"))) {
      form = Form.BAR;
    }
    return new Progress(err, form);
  }

  @Override
  public synchronized void on(PullEvent event) {
    if (form == Form.SILENT) {
      return;
    }
    switch (event) {
      case PullEvent.Planned planned -> {
        layers = planned.missing();
        bytes = planned.bytes();
        line(
            "%d layers, %d to fetch (%s)"
                .formatted(planned.layers(), planned.missing(), Sizes.of(planned.bytes())));
      }
      case PullEvent.LayerPresent present ->
          line("layer " + present.layer().digest().brief() + " is in the store already");
      case PullEvent.LayerStarted started -> {
        if (form == Form.LINES) {
          line(
              "layer %s: fetching %s"
                  .formatted(started.layer().digest().brief(), Sizes.of(started.layer().size())));
        }
      }
      case PullEvent.LayerProgress progress -> {
        seen += progress.bytes();
        draw(false);
      }
      case PullEvent.LayerVerified verified -> {
        finished++;
        line("layer " + verified.layer().digest().brief() + ": verified");
        draw(true);
      }
      case PullEvent.Notice notice -> line(notice.sentence());
    }
  }

  private void line(String text) {
    wipe();
    err.println(Visible.of(text));
  }

  private void draw(boolean now) {
    long time = System.nanoTime();
    if (form != Form.BAR || (!now && time - drawn < REDRAW_NANOS)) {
      return;
    }
    drawn = time;
    int full = bytes == 0 ? BAR : (int) Math.min(BAR, seen * BAR / bytes);
    err.print(
        "\r[%s%s] %s of %s, %d of %d layers\033[K"
            .formatted(
                "#".repeat(full),
                " ".repeat(BAR - full),
                Sizes.of(seen),
                Sizes.of(bytes),
                finished,
                layers));
    err.flush();
    dirty = true;
  }

  private void wipe() {
    if (dirty) {
      err.print("\r\033[K");
      err.flush();
      dirty = false;
    }
  }

  @Override
  public synchronized void close() {
    wipe();
  }
}
