/**
 * Keys from files, and what they say about signatures. {@link dev.jrunc.image.key.Pem} reads the
 * forms that people have.
 */
@NullMarked
package dev.jrunc.image.key;

import org.jspecify.annotations.NullMarked;
