/**
 * The network namespace of a container: {@link dev.jrunc.runtime.network.Loopback}. Nothing else is
 * set up here; engines bring interfaces and addresses.
 */
@NullMarked
package dev.jrunc.runtime.network;

import org.jspecify.annotations.NullMarked;
