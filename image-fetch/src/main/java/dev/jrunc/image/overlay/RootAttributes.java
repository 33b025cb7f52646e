package dev.jrunc.image.overlay;

import dev.jrunc.image.layer.TreeForm;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Linux;

/** Gives one folder the owner, mode, attributes and time of another. */
final class RootAttributes {
  private final Linux linux;
  private final TreeForm form;

  RootAttributes(Linux linux, TreeForm form) {
    this.linux = linux;
    this.form = form;
  }

  void copy(Descriptor from, Descriptor to) {
    FileStatus status = linux.files().status(from);
    linux.files().chown(to, "", status.uid(), status.gid(), FileCalls.EMPTY_PATH);
    String source = from.procPath() + "/.";
    for (String name : linux.files().linkAttributes(source)) {
      byte[] value = form.isOwn(name) ? null : linux.files().linkAttribute(source, name);
      if (value != null) {
        // What cannot be set here could not be set there either.
        linux.files().setAttributeRaw(to, name, value);
      }
    }
    linux.files().chmod(to, status.mode() & 07777);
    linux.files().setTimes(to, "", status.modified(), status.modified(), 0);
  }
}
