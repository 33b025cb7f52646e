/**
 * Who vouches for an image: cosign signatures made with a key, and the policy that demands them.
 * {@link dev.jrunc.image.signature.SignatureCheck} refuses what is not vouched for.
 */
@NullMarked
package dev.jrunc.image.signature;

import org.jspecify.annotations.NullMarked;
