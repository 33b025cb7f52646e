/**
 * The documents of an image: manifests, indexes, configurations and platforms. {@link
 * dev.jrunc.image.manifest.ManifestReader} reads them and refuses documents that two readers could
 * take for different things (CVE-2021-41190). Nothing here does input or output.
 */
@NullMarked
package dev.jrunc.image.manifest;

import org.jspecify.annotations.NullMarked;
