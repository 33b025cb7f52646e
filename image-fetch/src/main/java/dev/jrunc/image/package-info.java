/** jimage: pulls images from registries and turns them into OCI bundles. */
@NullMarked
package dev.jrunc.image;

import org.jspecify.annotations.NullMarked;
