/**
 * A changed bundle becomes an image: {@link dev.jrunc.image.commit.BundleCommit} puts what differs
 * from the bundle's image into one more layer. The package runs nothing and fetches nothing.
 */
@NullMarked
package dev.jrunc.image.commit;

import org.jspecify.annotations.NullMarked;
