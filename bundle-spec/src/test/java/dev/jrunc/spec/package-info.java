@NullMarked
package dev.jrunc.spec;

import org.jspecify.annotations.NullMarked;
