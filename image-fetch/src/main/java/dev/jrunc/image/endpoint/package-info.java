/**
 * Which servers speak for a registry, in which order, and on what terms. {@link
 * dev.jrunc.image.endpoint.Endpoints} decides it from the command line and the configuration files
 * of podman, containerd and Docker; nothing here sends a request.
 */
@NullMarked
package dev.jrunc.image.endpoint;

import org.jspecify.annotations.NullMarked;
