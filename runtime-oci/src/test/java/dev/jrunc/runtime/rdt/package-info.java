@NullMarked
package dev.jrunc.runtime.rdt;

import org.jspecify.annotations.NullMarked;
