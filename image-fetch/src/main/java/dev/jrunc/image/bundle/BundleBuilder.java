package dev.jrunc.image.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.layer.LayerUnpacker;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.tree.TreeRemoval;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.spec.Spec;
import dev.jrunc.spec.SpecReader;
import dev.jrunc.spec.SpecReading;
import dev.jrunc.spec.SpecWriter;
import dev.jrunc.spec.User;

/**
 * Makes a bundle. Both parts are made under other names in the same folder and renamed when they
 * are whole, so whatever fails or is killed, no half of a bundle stands there under its name.
 */
public final class BundleBuilder {
  private static final String CONFIG = "config.json";
  private static final String ROOTFS = "rootfs";
  private static final String UNFINISHED = ".jimage-unfinished-";

  private final Linux linux;

  public BundleBuilder(Gate gate) {
    this.linux = Linux.over(gate);
  }

  public void build(BundleRequest request) {
    String path = request.folder().toString();
    long made = linux.files().mkdirRaw(linux.currentDirectory(), path, 0755);
    if (made < 0 && made != -Errno.EEXIST) {
      throw new ImageFailure(
          "cannot make the folder \"" + path + "\": " + Errno.message((int) -made));
    }
    boolean whole = false;
    try (Descriptor folder = openFolder(path)) {
      refuseExisting(folder, path);
      buildIn(folder, request);
      whole = true;
    } catch (SyscallFailed e) {
      throw new ImageFailure(
          "cannot make a bundle in \""
              + path
              + "\": "
              + e.subject()
              + ": "
              + Errno.message(e.errno()),
          e);
    } finally {
      if (!whole && made >= 0) {
        linux.files().unlinkRaw(linux.currentDirectory(), path, FileCalls.REMOVE_DIRECTORY);
      }
    }
  }

  private void buildIn(Descriptor folder, BundleRequest request) {
    String temporary = UNFINISHED + ProcessHandle.current().pid();
    boolean whole = false;
    try {
      // 0700 until it is whole: an image may hold set-user-id files that no one may run from here.
      linux.files().mkdir(folder, temporary, 0700);
      writeConfig(folder, temporary + ".json", fill(folder, temporary, request));
      publish(folder, temporary);
      whole = true;
    } finally {
      if (!whole) {
        new TreeRemoval(linux.gate()).remove(folder, temporary);
        linux.files().unlinkRaw(folder, temporary + ".json", 0);
      }
    }
  }

  // The rootfs first: config.json is what makes a folder a bundle.
  private void publish(Descriptor folder, String temporary) {
    linux.files().rename(folder, temporary, folder, ROOTFS);
    try {
      linux.files().rename(folder, temporary + ".json", folder, CONFIG);
    } catch (SyscallFailed e) {
      linux.files().rename(folder, ROOTFS, folder, temporary);
      throw e;
    }
  }

  private Spec fill(Descriptor folder, String name, BundleRequest request) {
    JsonNode configuration = Json.object(request.configuration(), "configuration");
    ImageSettings settings = ImageSettings.of(configuration);
    String workingDirectory = ConfigConversion.workingDirectory(settings);
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW;
    try (Descriptor rootfs = linux.files().open(folder, name, flags, 0)) {
      // The root is 0755 unless the image says otherwise, or no user but root could enter it.
      linux.files().chmod(rootfs, 0755);
      new LayerUnpacker(linux.gate(), rootfs, dev.jrunc.image.layer.UnpackOptions.plain())
          .apply(request.layers(), workingDirectory);
      User user = new UserLookup(linux, rootfs).find(settings.user());
      return ConfigConversion.spec(settings, user, request);
    }
  }

  private void writeConfig(Descriptor folder, String name, Spec spec) {
    byte[] document = SpecWriter.config(spec, "\t");
    SpecReading<Spec> check = SpecReader.readConfig(document);
    if (!check.violations().isEmpty()) {
      throw new ImageFailure(
          "the image's configuration cannot be run: " + check.violations().get(0));
    }
    int create = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.EXCL;
    try (Descriptor file = linux.files().open(folder, name, create, 0644)) {
      linux.streams().write(file, document);
      linux.streams().write(file, "\n");
    }
  }

  private Descriptor openFolder(String path) {
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY;
    try {
      return linux.files().open(linux.currentDirectory(), path, flags, 0);
    } catch (SyscallFailed e) {
      throw new ImageFailure(
          "cannot use \"" + path + "\" as a bundle: " + Errno.message(e.errno()), e);
    }
  }

  private void refuseExisting(Descriptor folder, String path) {
    for (String name : new String[] {CONFIG, ROOTFS}) {
      if (linux.files().statusOrNull(folder, name, FileCalls.NOFOLLOW) != null) {
        throw new ImageFailure(
            "\""
                + path
                + "\" already holds "
                + name
                + "; take an empty folder, or remove the old bundle first");
      }
    }
  }
}
