package dev.jrunc.runtime.cgroup;

/** How the host has mounted its hierarchies. */
public enum CgroupLayout {
  /** One hierarchy for everything. */
  V2,
  /** One hierarchy for each controller, perhaps with a unified one beside them (hybrid). */
  V1
}
