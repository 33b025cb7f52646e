package dev.jrunc.runtime.state;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.StreamCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.runtime.error.Failure;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The containers of one root folder: a folder for each, named by its id. */
public final class ContainerStore {
  private static final String STATE = "state.json";
  private static final String CONFIG = "config.json";
  private static final int LARGEST = 16 << 20;
  private static final int LOOK_MILLIS = 10;

  private final Linux linux;
  private final String root;

  public ContainerStore(Linux linux, String root) {
    this.linux = linux;
    this.root = root;
  }

  public String root() {
    return root;
  }

  /**
   * Takes the id, by making its folder: of two who try, one gets it. The folder is locked until it
   * is closed, also in what becomes the container's process: until then the container is being
   * made.
   */
  public Descriptor reserve(ContainerId id) {
    try (Descriptor containers = openRoot(true)) {
      long made = linux.files().mkdirRaw(containers, id.text(), 0711);
      if (made == -Errno.EEXIST) {
        throw Failure.of(
                Failure.Code.ALREADY_EXISTS,
                "container with given ID already exists: \"" + id + "\"")
            .phase("reserve id")
            .path(root + "/" + id)
            .errno(Errno.EEXIST)
            .hint("delete it first, or take another id")
            .build();
      }
      if (made < 0) {
        throw Failure.of(
                Failure.Code.SYSTEM,
                "cannot make \"" + root + "/" + id + "\": " + Errno.message((int) -made))
            .phase("reserve id")
            .errno((int) -made)
            .build();
      }
      return openOwn(containers, id.text());
    }
  }

  // A folder that cannot be opened would keep the id taken.
  private Descriptor openOwn(Descriptor containers, String name) {
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW;
    try {
      Descriptor folder = linux.files().open(containers, name, flags, 0);
      linux.streams().lock(folder, StreamCalls.LOCK_EXCLUSIVE);
      return folder;
    } catch (SyscallFailed e) {
      linux.files().unlinkRaw(containers, name, FileCalls.REMOVE_DIRECTORY);
      throw e;
    }
  }

  /** Waits until nobody makes the container any more; false where that takes too long. */
  public boolean awaitMade(ContainerId id, int millis) {
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW;
    long opened = linux.files().openRaw(linux.currentDirectory(), root + "/" + id, flags, 0);
    if (opened < 0) {
      return true;
    }
    try (Descriptor folder = new Descriptor(linux.gate(), (int) opened)) {
      for (int waited = 0; waited < millis; waited += LOOK_MILLIS) {
        if (isFree(folder)) {
          return true;
        }
        linux.processes().poll(List.of(), new int[0], LOOK_MILLIS);
      }
      return isFree(folder);
    }
  }

  private boolean isFree(Descriptor folder) {
    try {
      linux.streams().lock(folder, StreamCalls.LOCK_NOW);
      return true;
    } catch (SyscallFailed held) {
      return false;
    }
  }

  /** The folder of an existing container. */
  public Descriptor open(ContainerId id) {
    try (Descriptor containers = openRoot(false)) {
      return openFolder(containers, id.text());
    } catch (SyscallFailed e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
        throw missing(id);
      }
      throw Failure.system("cannot open container \"" + id + "\"", e);
    }
  }

  public boolean exists(ContainerId id) {
    return linux.files().statusOrNull(linux.currentDirectory(), root + "/" + id, FileCalls.NOFOLLOW)
        != null;
  }

  /** Replaces state.json whole: a reader sees the old one or the new one. */
  public void save(Descriptor folder, ContainerState state) {
    String temporary = ".state.json.new";
    write(folder, temporary, StateDocument.write(state));
    linux.files().rename(folder, temporary, folder, STATE);
  }

  /** Keeps the config as it was read: the bundle may change while the container lives. */
  public void keepConfig(Descriptor folder, byte[] config) {
    write(folder, CONFIG, config);
  }

  /** Replaces the kept config whole. */
  public void replaceConfig(Descriptor folder, byte[] config) {
    String temporary = ".config.json.new";
    write(folder, temporary, config);
    linux.files().rename(folder, temporary, folder, CONFIG);
  }

  public byte[] config(ContainerId id) {
    try (Descriptor folder = open(id);
        Descriptor file =
            linux.files().open(folder, CONFIG, OpenFlags.RDONLY | OpenFlags.NOFOLLOW, 0)) {
      return linux.streams().readAll(file, LARGEST);
    } catch (SyscallFailed e) {
      throw Failure.system("cannot read the config of container \"" + id + "\"", e);
    }
  }

  /** The state of a container; a missing one fails in the words that engines know. */
  public ContainerState load(ContainerId id) {
    try (Descriptor folder = open(id)) {
      ContainerState state = read(folder);
      if (state == null) {
        throw missing(id);
      }
      return state;
    }
  }

  /** As {@link #load}, null where there is no readable state. */
  public @Nullable ContainerState loadOrNull(ContainerId id) {
    try (Descriptor folder = open(id)) {
      return read(folder);
    } catch (Failure e) {
      return null;
    }
  }

  /** Fails if the root folder is not there. */
  public void requireRoot() {
    try {
      openRoot(false).close();
    } catch (SyscallFailed e) {
      throw Failure.system("cannot list \"" + root + "\"", e);
    }
  }

  /** All containers with a readable state, by name. */
  public List<ContainerState> list() {
    List<String> names;
    try (Descriptor containers = openRoot(false);
        Descriptor listed =
            linux.files().open(containers, ".", OpenFlags.RDONLY | OpenFlags.DIRECTORY, 0)) {
      names = new ArrayList<>(linux.files().list(listed));
    } catch (SyscallFailed e) {
      if (e.errno() == Errno.ENOENT) {
        return List.of();
      }
      throw Failure.system("cannot list \"" + root + "\"", e);
    }
    Collections.sort(names);
    List<ContainerState> states = new ArrayList<>();
    for (String name : names) {
      ContainerState state = name.startsWith(".") ? null : loadOrNull(new ContainerId(name));
      if (state != null) {
        states.add(state);
      }
    }
    return states;
  }

  /** Removes the folder with all that is in it; nothing is there afterwards, whoever was faster. */
  public void remove(ContainerId id) {
    try (Descriptor containers = openRoot(false)) {
      try (Descriptor folder = openFolder(containers, id.text());
          Descriptor listed =
              linux.files().open(folder, ".", OpenFlags.RDONLY | OpenFlags.DIRECTORY, 0)) {
        for (String name : linux.files().list(listed)) {
          if (linux.files().unlinkRaw(folder, name, 0) == -Errno.EISDIR) {
            removeFolder(folder, name);
          }
        }
      }
      long result = linux.files().unlinkRaw(containers, id.text(), FileCalls.REMOVE_DIRECTORY);
      if (result < 0) {
        // Said, since the id stays taken.
        throw new SyscallFailed(SystemCall.UNLINKAT, root + "/" + id, (int) -result);
      }
    } catch (SyscallFailed e) {
      if (e.errno() != Errno.ENOENT) {
        throw Failure.system("cannot remove container \"" + id + "\"", e);
      }
    }
  }

  // One level: the socket's folder, see NotifySocket.
  private void removeFolder(Descriptor parent, String name) {
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW;
    try (Descriptor folder = linux.files().open(parent, name, flags, 0)) {
      for (String file : linux.files().list(folder)) {
        linux.files().unlinkRaw(folder, file, 0);
      }
    }
    linux.files().unlinkRaw(parent, name, FileCalls.REMOVE_DIRECTORY);
  }

  private @Nullable ContainerState read(Descriptor folder) {
    int flags = OpenFlags.RDONLY | OpenFlags.NOFOLLOW | OpenFlags.NONBLOCK;
    try (Descriptor file = linux.files().open(folder, STATE, flags, 0)) {
      if (!linux.files().status(file).is(FileMode.REGULAR)) {
        return null;
      }
      return StateDocument.read(linux.streams().readAll(file, LARGEST));
    } catch (SyscallFailed e) {
      return null;
    }
  }

  private void write(Descriptor folder, String name, byte[] content) {
    int flags = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.TRUNC | OpenFlags.NOFOLLOW;
    try (Descriptor file = linux.files().open(folder, name, flags, 0600)) {
      linux.streams().write(file, content);
    }
  }

  private Descriptor openFolder(Descriptor containers, String name) {
    int flags = OpenFlags.PATH | OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW;
    return linux.files().open(containers, name, flags, 0);
  }

  private Descriptor openRoot(boolean make) {
    int flags = OpenFlags.PATH | OpenFlags.DIRECTORY;
    long result = linux.files().openRaw(linux.currentDirectory(), root, flags, 0);
    if (result == -Errno.ENOENT && make) {
      makeFolders(root);
      result = linux.files().openRaw(linux.currentDirectory(), root, flags, 0);
    }
    if (result < 0) {
      throw new SyscallFailed(SystemCall.OPENAT, root, (int) -result);
    }
    return new Descriptor(linux.gate(), (int) result);
  }

  // 0700: what is below names every container's processes and bundles.
  private void makeFolders(String path) {
    int slash = path.lastIndexOf('/');
    long made = linux.files().mkdirRaw(linux.currentDirectory(), path, 0700);
    if (made == -Errno.ENOENT && slash > 0) {
      makeFolders(path.substring(0, slash));
      linux.files().mkdirRaw(linux.currentDirectory(), path, 0700);
    }
  }

  private Failure missing(ContainerId id) {
    return Failure.of(Failure.Code.NOT_FOUND, "container does not exist: \"" + id + "\"")
        .phase("load state")
        .path(root + "/" + id)
        .errno(Errno.ENOENT)
        .hint("jrunc list shows the containers of this root")
        .build();
  }
}
