/**
 * The words of an OCI bundle. {@link dev.jrunc.spec.SpecReader} turns the bytes of config.json into
 * a {@link dev.jrunc.spec.Spec}, naming everything that is wrong with it; {@link
 * dev.jrunc.spec.SpecWriter} is the way back. The package asks no host and opens no file.
 */
@NullMarked
package dev.jrunc.spec;

import org.jspecify.annotations.NullMarked;
