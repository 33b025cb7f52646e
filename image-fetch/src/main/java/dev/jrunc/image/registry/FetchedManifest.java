package dev.jrunc.image.registry;

import dev.jrunc.image.manifest.Descriptor;

/** The exact bytes of a manifest, which its digest is about, and the descriptor that fits them. */
@SuppressWarnings("ArrayRecordComponent") // never compared; copied at neither end for its size
public record FetchedManifest(byte[] content, Descriptor descriptor) {}
