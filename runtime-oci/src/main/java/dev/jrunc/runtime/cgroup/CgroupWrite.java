package dev.jrunc.runtime.cgroup;

/**
 * One value written to one file of a controller.
 *
 * @param controller whose directory the file is in
 * @param pointer where in config.json the value comes from
 */
public record CgroupWrite(
    String controller, String file, String value, String pointer, Reaction reaction) {

  /** What is done when the kernel does not take the value. */
  public enum Reaction {
    /** It is an error. */
    FAIL,
    /** A missing file says that there is nothing to limit. */
    SKIP_IF_MISSING,
    /** A missing file means that the next write, another name of the same thing, is the one. */
    NEXT_IF_MISSING,
    /** EINVAL means that it fits only after the next write: the two are made in turned order. */
    AFTER_NEXT_IF_INVALID,
    /** The kernel may take less or more without a word: what it took is read and must be equal. */
    READ_BACK
  }

  CgroupWrite(String controller, String file, String value, String pointer) {
    this(controller, file, value, pointer, Reaction.FAIL);
  }
}
