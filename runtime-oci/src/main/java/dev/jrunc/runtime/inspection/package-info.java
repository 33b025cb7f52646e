/**
 * Judges a bundle without touching anything: {@link dev.jrunc.runtime.inspection.Inspector} gathers
 * what is wrong with its config, what this host lacks for it and what is probably not meant. It
 * makes nothing, and it never says that a container will work: only what is known to stand in its
 * way.
 */
@NullMarked
package dev.jrunc.runtime.inspection;

import org.jspecify.annotations.NullMarked;
