/**
 * Who we are to a registry: credential files, credential helpers and the challenges of a registry.
 * {@link dev.jrunc.image.auth.CredentialStore} finds credentials; {@link
 * dev.jrunc.image.auth.LoginFile} keeps them; nothing here sends a request.
 */
@NullMarked
package dev.jrunc.image.auth;

import org.jspecify.annotations.NullMarked;
