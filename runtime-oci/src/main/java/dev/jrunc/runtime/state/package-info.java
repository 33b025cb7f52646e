/**
 * What is remembered of a container between two commands: {@link
 * dev.jrunc.runtime.state.ContainerStore} keeps a folder for each, in which state.json, config.json
 * and the start gate lie. Nothing here starts or stops a process.
 */
@NullMarked
package dev.jrunc.runtime.state;

import org.jspecify.annotations.NullMarked;
