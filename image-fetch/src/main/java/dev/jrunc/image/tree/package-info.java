/**
 * Trees of files on the disk: removing them and telling what is in them. Everything goes through
 * handles; nothing here knows images.
 */
@NullMarked
package dev.jrunc.image.tree;

import org.jspecify.annotations.NullMarked;
