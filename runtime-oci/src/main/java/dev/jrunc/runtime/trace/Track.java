package dev.jrunc.runtime.trace;

/** Whose phases they are; each is a line of its own in the picture. */
public enum Track {
  COMMAND,
  STAGE,
  CONTAINER
}
