package dev.jrunc.runtime.trace;

import dev.jrunc.kernel.Linux;
import java.util.ArrayList;
import java.util.List;

/** All that was timed: this process's phases, and those of the processes it made. */
public final class Trace {
  private final Timeline own;
  private final Timeline shared;

  Trace(Linux linux) {
    this.own = new Timeline(linux);
    this.shared = new Timeline(linux);
  }

  Timeline own(Track track) {
    return own.by(track);
  }

  Timeline shared(Track track) {
    // First of all: a new time namespace has shifted the clock.
    shared.by(track);
    if (track == Track.CONTAINER) {
      // After a stage: its last phase is over.
      shared.end();
    }
    return shared;
  }

  /** Every phase with an end, ours first. */
  List<Timeline.Event> events() {
    own.end();
    List<Timeline.Event> events = new ArrayList<>(own.events());
    long heard = 0;
    for (Timeline.Event event : events) {
      // What ended without us being told, by execve(2), has ended when the channel did.
      heard = event.name().equals("await container") || heard == 0 ? event.end() : heard;
    }
    for (Timeline.Event event : shared.events()) {
      long end = event.end() == 0 ? Math.max(heard, event.start()) : event.end();
      events.add(
          new Timeline.Event(event.track(), event.name(), event.pointer(), event.start(), end));
    }
    return events;
  }
}
