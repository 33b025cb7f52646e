/**
 * Keeps a container from overwriting this program (CVE-2019-5736): while jrunc becomes the
 * container's first process, {@code /proc/PID/exe} in the container leads to the file it was
 * started from. Start at {@link dev.jrunc.runtime.seal.BinarySeal}, before anything else.
 *
 * <p>What it costs: starting twice. The read-only mount itself takes 0.03 ms, a copy of 5 MB into
 * memory 3 ms. The first start was as dear as the second, 1.1 ms, until {@link
 * dev.jrunc.runtime.seal.EarlySeal} moved the sealing before TeaVM's own set-up: 0.35 ms. What does
 * not help: prctl(PR_SET_MM_EXE_FILE) is refused while the program's pages are mapped, and making
 * the process non-dumpable hides the link only until a container's program is a link to it.
 */
@NullMarked
package dev.jrunc.runtime.seal;

import org.jspecify.annotations.NullMarked;
