/**
 * Builds the file system of a container, from within its mount namespace: {@link
 * dev.jrunc.runtime.rootfs.RootfsBuilder} performs the rootfs steps of a plan. Every path of the
 * container is resolved below one handle on its root; nothing here trusts a name twice.
 */
@NullMarked
package dev.jrunc.runtime.rootfs;

import org.jspecify.annotations.NullMarked;
