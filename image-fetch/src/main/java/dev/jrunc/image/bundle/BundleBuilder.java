package dev.jrunc.image.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.digest.ChainId;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.layer.LayerSource;
import dev.jrunc.image.layer.Ownership;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.spec.Spec;
import dev.jrunc.spec.SpecReader;
import dev.jrunc.spec.SpecReading;
import dev.jrunc.spec.SpecWriter;
import dev.jrunc.spec.User;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/**
 * Makes a bundle. Its parts are made where nobody looks and renamed when they are whole, {@code
 * config.json} last, so whatever fails or is killed, no half of a bundle stands there.
 */
public final class BundleBuilder {
  private static final String FRESH_CONFIG = BundleFolder.NEW + "/config.json";

  private final Linux linux;
  private final ImageStore store;

  public BundleBuilder(Gate gate, ImageStore store) {
    this.linux = Linux.over(gate);
    this.store = store;
  }

  public void build(BundleRequest request) {
    String path = request.folder().toString();
    if (request.options().mode() == BundleMode.OVERLAY) {
      new BundleRemoval(linux.gate()).sweep(store);
    }
    // CVE-2021-41091: an image may hold set-user-id files that no one may run from here.
    long made = linux.files().mkdirRaw(linux.currentDirectory(), path, 0700);
    if (made < 0 && made != -Errno.EEXIST) {
      throw new ImageFailure(
          "cannot make the folder \"" + path + "\": " + Errno.message((int) -made));
    }
    boolean whole = false;
    try (BundleFolder folder = BundleFolder.open(linux, request.folder())) {
      refuseExisting(folder);
      folder.refuseOthers();
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

  private void buildIn(BundleFolder folder, BundleRequest request) {
    String id = UUID.randomUUID().toString();
    boolean whole = false;
    try (Rootfs rootfs = rootfs(request, id)) {
      try {
        folder.begin();
        writeConfig(folder, fill(folder, rootfs, request));
        folder.write(BundleFolder.OWN + "/" + BundleNote.FILE, note(request, id).json());
        folder.keepToOwner();
        // The rootfs first: config.json is what makes a folder a bundle.
        rootfs.publish(folder);
        linux.files().rename(folder.handle(), FRESH_CONFIG, folder.handle(), BundleFolder.CONFIG);
        folder.finish();
        whole = true;
      } finally {
        if (!whole) {
          // What stays keeps its mark, and its layers until somebody can take it away.
          if (folder.takeAway().isEmpty()) {
            rootfs.undo();
          }
        }
      }
    }
  }

  private Rootfs rootfs(BundleRequest request, String id) {
    return switch (request.options().mode()) {
      case COPY -> new CopiedRootfs(linux, store, request, id);
      case OVERLAY -> new OverlaidRootfs(linux, store, request, id);
    };
  }

  private BundleNote note(BundleRequest request, String id) {
    List<Digest> layers =
        request.options().mode() == BundleMode.OVERLAY
            ? ChainId.of(request.layers().stream().map(LayerSource::diffId).toList())
            : List.of();
    return new BundleNote(
        id,
        request.options().mode(),
        request.imageName(),
        request.imageDigest(),
        store.root(),
        layers,
        request.options().ids().key(),
        Ownership.of(linux) == Ownership.RECORDED_ONLY);
  }

  private Spec fill(BundleFolder folder, Rootfs rootfs, BundleRequest request) {
    JsonNode configuration = Json.object(request.configuration(), "configuration");
    ImageSettings settings = ImageSettings.of(configuration);
    String workingDirectory = ConfigConversion.workingDirectory(settings);
    Descriptor root = rootfs.make(folder, workingDirectory);
    refuseLinks(root);
    UserLookup users = new UserLookup(linux, root);
    boolean groups = ProfileDefaults.of(request.options().profile()).numbersHaveGroups();
    User user = users.find(settings.user(), groups);
    return new ConfigConversion(settings, user, users.home(user.uid()), request)
        .spec(rootfs.mounts());
  }

  // CVE-2026-41579: runtimes followed such a link on the host when they made devices and mounts.
  private void refuseLinks(Descriptor root) {
    for (String name : new String[] {"dev", "proc", "sys"}) {
      FileStatus there = linux.files().statusOrNull(root, name, FileCalls.NOFOLLOW);
      if (there != null && there.is(FileMode.SYMLINK)) {
        throw new ImageFailure(
            "the image's /" + name + " is a link, which a runtime could follow on the host");
      }
    }
  }

  private void writeConfig(BundleFolder folder, Spec spec) {
    byte[] document = SpecWriter.config(spec, "\t");
    SpecReading<Spec> check = SpecReader.readConfig(document);
    if (!check.violations().isEmpty()) {
      throw new ImageFailure(
          "the image's configuration cannot be run: " + check.violations().get(0));
    }
    folder.write(FRESH_CONFIG, new String(document, StandardCharsets.UTF_8) + "\n");
  }

  private static void refuseExisting(BundleFolder folder) {
    for (String name : new String[] {BundleFolder.CONFIG, BundleFolder.ROOTFS, BundleFolder.OWN}) {
      if (folder.has(name)) {
        throw new ImageFailure(
            "\""
                + folder.path()
                + "\" already holds "
                + name
                + "; take an empty folder, or remove the old bundle first with jimage unbundle");
      }
    }
  }
}
