/**
 * System call filters: a profile of config.json becomes a BPF program, which the child loads. Start
 * at {@link dev.jrunc.runtime.seccomp.SeccompFilters} in the parent and at {@link
 * dev.jrunc.runtime.seccomp.SeccompLoader} in the child.
 *
 * <p>libseccomp compiles and nothing more: its version in Debian 12 knows no WAIT_KILLABLE flag,
 * and loading is one system call. Compiling a full profile takes longer than all else that a start
 * needs, so programs are kept in a folder of this user's own, named by a hash of all that goes into
 * them.
 *
 * <p>The package decides nothing about no_new_privs, and loads nothing it has not been given.
 */
@NullMarked
package dev.jrunc.runtime.seccomp;

import org.jspecify.annotations.NullMarked;
