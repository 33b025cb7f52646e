/** The demo: what a newcomer watches after one command. */
@NullMarked
package dev.jrunc.conformance.demo;

import org.jspecify.annotations.NullMarked;
