/**
 * The Container Network Interface, versions 0.3.1 to 1.1.0: networks that are configured in files
 * and made by plugins, which are programs. {@link dev.jrunc.runtime.network.cni.CniNetwork} runs
 * them; what they do is theirs.
 */
@NullMarked
package dev.jrunc.runtime.network.cni;

import org.jspecify.annotations.NullMarked;
