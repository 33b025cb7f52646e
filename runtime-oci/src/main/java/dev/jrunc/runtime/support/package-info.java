/**
 * What this runtime can do: {@link dev.jrunc.runtime.support.Support} has the facts, {@link
 * dev.jrunc.runtime.support.FeaturesDocument} prints them. Never asks the host.
 */
@NullMarked
package dev.jrunc.runtime.support;

import org.jspecify.annotations.NullMarked;
