/**
 * The client of the registry protocol. {@link dev.jrunc.image.registry.RegistryClient} fetches
 * manifests and blobs; it never follows a redirect without looking and never sends credentials to
 * another host.
 */
@NullMarked
package dev.jrunc.image.registry;

import org.jspecify.annotations.NullMarked;
