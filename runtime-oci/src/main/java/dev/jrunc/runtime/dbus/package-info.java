/**
 * A client of D-Bus, as small as asking a service manager for something needs: messages to and from
 * bytes, the authentication, calls and signals over a local socket. Start at {@link
 * dev.jrunc.runtime.dbus.BusConnection}. The words are those of the D-Bus specification 0.41.
 */
@NullMarked
package dev.jrunc.runtime.dbus;

import org.jspecify.annotations.NullMarked;
