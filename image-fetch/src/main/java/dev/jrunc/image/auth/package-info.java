/**
 * Who we are to a registry: credential files, credential helpers and the challenges of a registry.
 * {@link dev.jrunc.image.auth.CredentialStore} finds credentials; it never writes them and sends no
 * requests.
 */
@NullMarked
package dev.jrunc.image.auth;

import org.jspecify.annotations.NullMarked;
