package dev.jrunc.runtime.rootfs;

/**
 * One hierarchy of cgroups as a container is to see it.
 *
 * @param folder name below /sys/fs/cgroup, such as {@code cpu,cpuacct}; empty for a host with
 *     version 2 only
 * @param version2 whether it is the one of cgroups version 2
 * @param path absolute path of the container's own cgroup on the host
 */
public record CgroupView(String folder, boolean version2, String path) {}
