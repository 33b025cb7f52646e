/**
 * Names of images. {@link dev.jrunc.image.reference.ImageReference} reads what a person types; it
 * never asks a registry.
 */
@NullMarked
package dev.jrunc.image.reference;

import org.jspecify.annotations.NullMarked;
