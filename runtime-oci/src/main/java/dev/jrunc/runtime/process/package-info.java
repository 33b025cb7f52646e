/**
 * The attributes of the container's first process: its id maps, its score for the OOM killer. Each
 * class does one of them and nothing else; the order is the plan's.
 */
@NullMarked
package dev.jrunc.runtime.process;

import org.jspecify.annotations.NullMarked;
