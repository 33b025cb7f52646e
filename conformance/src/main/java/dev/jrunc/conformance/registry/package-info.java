/** A registry on loopback with token authentication, and images to put into it. */
@NullMarked
package dev.jrunc.conformance.registry;

import org.jspecify.annotations.NullMarked;
