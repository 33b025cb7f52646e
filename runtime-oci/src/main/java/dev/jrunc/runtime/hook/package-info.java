/**
 * Hooks: programs of the config's author, run at points of a container's life. {@link
 * dev.jrunc.runtime.hook.HookRunner} runs a list of them in the namespaces of the calling process.
 */
@NullMarked
package dev.jrunc.runtime.hook;

import org.jspecify.annotations.NullMarked;
