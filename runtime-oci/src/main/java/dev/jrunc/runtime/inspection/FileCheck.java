package dev.jrunc.runtime.inspection;

import dev.jrunc.runtime.plan.MountOptions;
import dev.jrunc.spec.ContainerPath;
import dev.jrunc.spec.Hook;
import dev.jrunc.spec.Hooks;
import dev.jrunc.spec.Mount;
import dev.jrunc.spec.Namespace;
import dev.jrunc.spec.Root;
import dev.jrunc.spec.Spec;
import java.util.List;

/** The files of the host that a config names: rootfs, sources, hooks, namespaces. */
final class FileCheck {
  private final HostFiles files;
  private final Collector found;
  private final String bundle;

  FileCheck(HostFiles files, Collector found, String bundle) {
    this.files = files;
    this.found = found;
    this.bundle = bundle;
  }

  void check(Spec spec) {
    String root = root(spec.root());
    String types = files.text("/proc/filesystems");
    for (int i = 0; i < spec.mounts().size(); i++) {
      mount(spec.mounts().get(i), "/mounts/" + i, types == null ? "" : types);
    }
    hooks(spec, root);
    if (spec.linux() != null) {
      for (int i = 0; i < spec.linux().namespaces().size(); i++) {
        Namespace namespace = spec.linux().namespaces().get(i);
        String path = namespace.path();
        if (path != null && path.startsWith("/") && files.missing(path)) {
          found.host(
              "/linux/namespaces/" + i + "/path",
              "there is no namespace at \"" + path + "\"",
              "its process may have ended");
        }
      }
    }
  }

  private String below(String path) {
    return path.startsWith("/") ? path : bundle + "/" + path;
  }

  private String root(@org.jspecify.annotations.Nullable Root root) {
    if (root == null || root.path().isEmpty()) {
      return "";
    }
    String path = below(root.path());
    if (files.missing(path)) {
      found.host(
          "/root/path", "the rootfs \"" + path + "\" does not exist", "unpack an image there");
    } else if (files.noDirectory(path)) {
      found.host("/root/path", "the rootfs \"" + path + "\" is not a directory", "");
    }
    return path;
  }

  private void mount(Mount mount, String pointer, String types) {
    String source = mount.source() == null ? "" : mount.source();
    String type = mount.type() == null ? "" : mount.type();
    boolean bind =
        type.equals("bind")
            || MountOptions.parse(mount.options()).bind() != MountOptions.Depth.NONE;
    if (bind) {
      if (source.isEmpty()) {
        found.host(pointer, "a bind mount needs a source", "");
      } else if (files.missing(below(source))) {
        found.host(
            pointer + "/source",
            "the source \"" + below(source) + "\" of the mount does not exist",
            "make it, or take the mount out");
      }
    } else if (!type.isEmpty()
        && !type.equals("cgroup")
        && !type.equals("cgroup2")
        && !types.isEmpty()
        && !HostFiles.hasWord(types, type)) {
      found.note(
          pointer + "/type",
          "this kernel has no file system \"" + type + "\" at the moment",
          "a module may bring it");
    }
  }

  private void hooks(Spec spec, String root) {
    Hooks hooks = spec.hooks();
    runtime("prestart", hooks.prestart());
    runtime("createRuntime", hooks.createRuntime());
    runtime("createContainer", hooks.createContainer());
    runtime("poststart", hooks.poststart());
    runtime("poststop", hooks.poststop());
    for (int i = 0; i < hooks.startContainer().size(); i++) {
      String path = hooks.startContainer().get(i).path();
      // Below a mount it may come from anywhere.
      if (!root.isEmpty() && !belowMount(spec, path) && files.missingBelow(root, path)) {
        found.host(
            "/hooks/startContainer/" + i + "/path",
            "the hook program \"" + path + "\" does not exist in the rootfs",
            "startContainer hooks run inside the container");
      }
    }
  }

  private void runtime(String kind, List<Hook> hooks) {
    for (int i = 0; i < hooks.size(); i++) {
      String path = hooks.get(i).path();
      String pointer = "/hooks/" + kind + "/" + i + "/path";
      if (!path.startsWith("/")) {
        continue; // A violation already.
      }
      if (files.missing(path)) {
        found.host(pointer, "the hook program \"" + path + "\" does not exist", "");
      } else if (files.notExecutable(path)) {
        found.host(pointer, "the hook program \"" + path + "\" cannot be executed", "chmod +x it");
      }
    }
  }

  private static boolean belowMount(Spec spec, String path) {
    String clean = ContainerPath.clean(path);
    for (Mount mount : spec.mounts()) {
      String destination = ContainerPath.clean(mount.destination());
      if (destination.equals("/") || clean.startsWith(destination + "/")) {
        return true;
      }
    }
    return false;
  }
}
